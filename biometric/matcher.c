/* SPDX-License-Identifier: Apache-2.0 */
#include "biometric/matcher.h"

#include "biometric/fp3.h"
#include "biometric/worker.h"

#include <unistd.h>

#define DRIVER  "virtual_image"
#define HIT_MAX 32 /* octets of one, encoded */
#define NICER   10 /* logins and the broker go first */
/* The library believes in heat, after 180 s of any sensor. */
#define COOL_US ((gint64)60 * G_USEC_PER_SEC)

static gboolean on_open(gpointer user)
{
    struct worker *worker = user;

    if (worker->state == WORKER_OPENING)
        sensor_open(worker->sensor);
    return G_SOURCE_REMOVE;
}

static void open_sensor(struct worker *worker)
{
    struct matcher *matcher = &worker->matcher;

    matcher->armed = 0;
    matcher->feeder = feeder_new();
    if (matcher->feeder == NULL) {
        worker_fail(worker, FINGER_INTERNAL, NULL);
        return;
    }
    worker->sensor = sensor_new(DRIVER, feeder_socket(matcher->feeder), &worker->client);
    g_idle_add(on_open, worker);
}

bool matcher_take_open(struct worker *worker, const struct frame *frame)
{
    if (worker->state != WORKER_NEW ||
        frame_fixed(frame, FINGER_F_ATTEMPT, worker->attempt, sizeof(worker->attempt)) != WIRE_OK)
        return false;
    worker->matcher.on = true;
    worker->matcher.pictures = g_ptr_array_new_with_free_func(picture_free);
    worker->state = WORKER_OPENING;
    (void)!nice(NICER);
    open_sensor(worker);
    return true;
}

/* The picture that the part belongs to: the last one, or the next one where that is whole. */
static struct picture *picture_of(struct matcher *matcher, const uint32_t *part)
{
    GPtrArray *pictures = matcher->pictures;
    struct picture *last =
        pictures->len > 0 ? g_ptr_array_index(pictures, pictures->len - 1) : NULL;

    if (last != NULL && last->filled < last->len)
        return part[0] == pictures->len - 1 && part[1] == last->width && part[2] == last->height
                   ? last
                   : NULL;
    if (part[0] != pictures->len || pictures->len >= FINGER_PICTURES_MAX)
        return NULL;
    last = picture_new(part[1], part[2]);
    if (last != NULL)
        g_ptr_array_add(pictures, last);
    return last;
}

bool matcher_take_picture(struct worker *worker, const struct frame *frame)
{
    static const unsigned field[] = {FINGER_F_NUMBER, FINGER_F_WIDTH, FINGER_F_HEIGHT,
                                     FINGER_F_OFFSET};
    const struct tlv *pixels = &frame->field[FINGER_F_PIXELS];
    uint32_t part[G_N_ELEMENTS(field)] = {0};
    struct picture *picture;

    if (worker->state != WORKER_READY || !worker->matcher.on || worker->next.type != 0)
        return false;
    for (size_t n = 0; n < G_N_ELEMENTS(field); n++)
        if (frame_u32(frame, field[n], &part[n]) != WIRE_OK)
            return false;
    picture = picture_of(&worker->matcher, part);
    return picture != NULL && picture_fill(picture, part[3], pixels->val, pixels->len);
}

bool matcher_opened(struct worker *worker)
{
    return feeder_connect(worker->matcher.feeder);
}

static bool pictures_are_there(const struct matcher *matcher, uint32_t wanted)
{
    const struct picture *last;

    if (wanted > matcher->pictures->len)
        return false;
    last = g_ptr_array_index(matcher->pictures, wanted - 1);
    return last->filled == last->len;
}

static bool choose_print(struct worker *worker, guint n)
{
    struct matcher *matcher = &worker->matcher;
    FpPrint *print = g_ptr_array_index(worker->gallery->prints, n);

    print =
        worker->now.left_out == 0 ? g_object_ref(print) : fp3_thin(print, worker->now.left_out - 1);
    if (print == NULL)
        return false;
    g_ptr_array_add(matcher->prints, print);
    g_array_append_val(matcher->owner, g_array_index(worker->gallery->owner, guint, n));
    return true;
}

static bool choose_prints(struct worker *worker)
{
    struct matcher *matcher = &worker->matcher;
    const GArray *owner = worker->gallery->owner;
    guint taken = 0;

    matcher->prints = g_ptr_array_new_with_free_func(g_object_unref);
    matcher->owner = g_array_new(FALSE, FALSE, sizeof(guint));
    for (guint n = 0; n < owner->len; n++) {
        bool first = n == 0 || g_array_index(owner, guint, n) != g_array_index(owner, guint, n - 1);
        taken = first ? 1 : taken + 1;
        if (taken <= worker->now.samples && !choose_print(worker, n))
            return false;
    }
    return true;
}

static gboolean on_cold(gpointer user)
{
    struct worker *worker = user;
    struct matcher *matcher = &worker->matcher;

    if (worker->state != WORKER_OPENING)
        return G_SOURCE_REMOVE;
    sensor_free(worker->sensor);
    worker->sensor = NULL;
    g_clear_pointer(&matcher->feeder, feeder_free);
    open_sensor(worker);
    return G_SOURCE_REMOVE;
}

static void on_closed(void *user)
{
    g_idle_add(on_cold, user);
}

void matcher_begin(struct worker *worker)
{
    struct matcher *matcher = &worker->matcher;

    if (!pictures_are_there(matcher, worker->now.presses) || !choose_prints(worker)) {
        worker_fail(worker, FINGER_INTERNAL, NULL);
        return;
    }
    matcher->hits = g_array_new(FALSE, TRUE, sizeof(struct finger_hit));
    g_array_set_size(matcher->hits, worker->gallery->entries->len);
    matcher->last = g_new0(guint, worker->gallery->entries->len + 1);
    if (matcher->armed < COOL_US) {
        matcher_step(worker);
    } else {
        worker->state = WORKER_OPENING;
        sensor_close(worker->sensor, on_closed, worker);
    }
}

static void report(struct worker *worker)
{
    uint8_t list[FINGER_COMPARE_MAX * HIT_MAX];
    struct matcher *matcher = &worker->matcher;
    struct tlv_out out = tlv_writer(list, sizeof(list));
    struct frame_out *frame = worker_answer(worker, FINGER_COMPARED);
    size_t len = 0;

    for (guint n = 0; n < matcher->hits->len; n++) {
        const struct finger_hit *hit = &g_array_index(matcher->hits, struct finger_hit, n);
        if (hit->presses > 0)
            finger_hit_put(&out, hit);
    }
    frame_put_u32(frame, FINGER_F_COUNT, matcher->hits->len);
    if (tlv_finish(&out, &len) != WIRE_OK)
        frame->tlv.failed = true;
    else if (len > 0)
        frame_put(frame, FINGER_F_LIST, list, len);
    worker_send(worker);
    worker_done(worker);
}

/* The picture on the sensor against the prints from `from` on; the next picture behind the last. */
void matcher_step(struct worker *worker)
{
    struct matcher *matcher = &worker->matcher;
    g_autoptr(GPtrArray) part = NULL;

    if (matcher->begun != 0)
        matcher->armed += g_get_monotonic_time() - matcher->begun;
    matcher->begun = 0;
    if (matcher->from >= matcher->prints->len) {
        matcher->from = 0;
        matcher->picture++;
    }
    if (matcher->picture >= worker->now.presses || matcher->prints->len == 0) {
        report(worker);
        return;
    }
    part = g_ptr_array_new();
    for (guint n = matcher->from; n < matcher->prints->len; n++)
        g_ptr_array_add(part, g_ptr_array_index(matcher->prints, n));
    matcher->begun = g_get_monotonic_time();
    sensor_press(worker->sensor, part);
    if (!feeder_press(matcher->feeder, g_ptr_array_index(matcher->pictures, matcher->picture)))
        worker_fail(worker, FINGER_FAULT, NULL);
}

static bool count_hit(struct worker *worker, FpPrint *match)
{
    struct matcher *matcher = &worker->matcher;
    struct finger_hit *hit;
    guint at = 0, entry;

    if (!g_ptr_array_find(matcher->prints, match, &at))
        return false;
    entry = g_array_index(matcher->owner, guint, at);
    hit = &g_array_index(matcher->hits, struct finger_hit, entry);
    memcpy(hit->id, gallery_entry(worker->gallery, (int)entry)->id, sizeof(hit->id));
    hit->pairs++;
    if (matcher->last[entry] != matcher->picture + 1)
        hit->presses++;
    matcher->last[entry] = matcher->picture + 1;
    matcher->from = at + 1;
    return true;
}

void matcher_judge(struct worker *worker, const struct sensor_press *press)
{
    if (press->outcome != SENSOR_SCANNED)
        worker_fail(worker, press->outcome == SENSOR_FAILED ? press->reason : FINGER_FAULT, NULL);
    else if (press->match == NULL)
        worker->matcher.from = worker->matcher.prints->len;
    else if (!count_hit(worker, press->match))
        worker_fail(worker, FINGER_INTERNAL, NULL);
}

void matcher_end(struct matcher *matcher)
{
    g_clear_pointer(&matcher->prints, g_ptr_array_unref);
    g_clear_pointer(&matcher->owner, g_array_unref);
    g_clear_pointer(&matcher->hits, g_array_unref);
    g_clear_pointer(&matcher->last, g_free);
    matcher->picture = 0;
    matcher->from = 0;
    matcher->begun = 0;
}

void matcher_free(struct matcher *matcher)
{
    matcher_end(matcher);
    g_clear_pointer(&matcher->pictures, g_ptr_array_unref);
    g_clear_pointer(&matcher->feeder, feeder_free);
}
