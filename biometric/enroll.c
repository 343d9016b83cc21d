/* SPDX-License-Identifier: Apache-2.0 */
#include "biometric/enroll.h"

#include "biometric/fp3.h"
#include "biometric/pack.h"
#include "biometric/picture.h"
#include "biometric/worker.h"
#include "core/wire/wipe.h"

size_t enroll_stages(const struct sensor *sensor)
{
    gint stages = fp_device_get_nr_enroll_stages(sensor_device(sensor));

    if (sensor_compares(sensor))
        return ENROLL_GROWN + ENROLL_CONFIRM;
    return stages > 0 ? (size_t)stages + ENROLL_CONFIRM : ENROLL_CONFIRM;
}

static void release_octets(gpointer octets)
{
    fp3_release(octets);
}

void enroll_begin(struct worker *worker)
{
    struct enroll *enroll = &worker->enroll;

    *enroll = (struct enroll){
        .samples = g_ptr_array_new_with_free_func(g_object_unref),
        .octets = g_ptr_array_new_with_free_func(release_octets),
        .pictures = g_ptr_array_new_with_free_func(picture_free),
        .seen = g_ptr_array_new_with_free_func(g_free),
    };
    enroll_rule_begin(&enroll->rule);
    enroll_step(worker);
}

void enroll_end(struct enroll *enroll)
{
    g_clear_pointer(&enroll->samples, g_ptr_array_unref);
    g_clear_pointer(&enroll->octets, g_ptr_array_unref);
    g_clear_pointer(&enroll->pictures, g_ptr_array_unref);
    g_clear_pointer(&enroll->seen, g_ptr_array_unref);
    g_clear_object(&enroll->chip);
}

static void add_samples(GPtrArray *prints, const struct enroll *enroll, bool chosen)
{
    for (guint n = 0; n < enroll->samples->len; n++)
        if (enroll_rule_chosen(&enroll->rule, n) == chosen)
            g_ptr_array_add(prints, g_ptr_array_index(enroll->samples, n));
}

/* The library reports the first hit: foreign fingers first, then the group that is growing. */
void enroll_step(struct worker *worker)
{
    g_autoptr(GPtrArray) prints = NULL;

    if (!sensor_compares(worker->sensor)) {
        enroll_chip_step(worker);
        return;
    }
    prints = g_ptr_array_new();
    g_ptr_array_extend(prints, worker->gallery->prints, NULL, NULL);
    add_samples(prints, &worker->enroll, true);
    add_samples(prints, &worker->enroll, false);
    sensor_press(worker->sensor, prints);
}

static bool seen_before(struct enroll *enroll, FpPrint *print)
{
    char *digest = picture_digest(print);
    bool found =
        digest == NULL || g_ptr_array_find_with_equal_func(enroll->seen, digest, g_str_equal, NULL);

    g_ptr_array_add(enroll->seen, digest);
    return found;
}

static int sample_of(const struct enroll *enroll, const FpPrint *match)
{
    guint n = 0;

    if (match == NULL || !g_ptr_array_find(enroll->samples, match, &n))
        return ENROLL_NO_HIT;
    return (int)n;
}

static void note_size(struct enroll *enroll, FpPrint *print)
{
    FpImage *image = fp_print_get_image(print);

    enroll->width = image != NULL ? fp_image_get_width(image) : 0;
    enroll->height = image != NULL ? fp_image_get_height(image) : 0;
}

static enum enroll_verdict ask_rule(struct worker *worker, const struct sensor_press *press)
{
    struct enroll *enroll = &worker->enroll;
    struct enroll_press facts = {
        .minutiae = picture_minutiae(press->print),
        .repeated = seen_before(enroll, press->print),
        .sample = sample_of(enroll, press->match),
        .foreign = press->match != NULL ? gallery_owner(worker->gallery, press->match) : -1,
    };

    note_size(enroll, press->print);
    return enroll_rule_press(&enroll->rule, &facts);
}

/* Kept until the template is whole, since only then the presses that made it are known. */
static bool keep_picture(struct worker *worker, FpPrint *print)
{
    struct picture *picture;

    if (worker->now.pictures == 0)
        return true;
    picture = picture_copy(print);
    if (picture != NULL)
        g_ptr_array_add(worker->enroll.pictures, picture);
    return picture != NULL;
}

/* What goes into the template is read back, so that the later presses are compared with it and the
 * picture is let go at once. */
static bool keep_sample(struct worker *worker, FpPrint *print)
{
    FpDevice *device = sensor_device(worker->sensor);
    const struct fp3_claim claim = {fp_device_get_driver(device), fp_device_get_device_id(device),
                                    worker->now.finger, true};
    GBytes *octets = fp3_write(print, worker->now.finger);
    gsize len = 0;
    const uint8_t *data;
    FpPrint *sample;

    if (octets == NULL)
        return false;
    g_ptr_array_add(worker->enroll.octets, octets);
    data = g_bytes_get_data(octets, &len);
    sample = fp3_read(data, len, &claim);
    if (sample != NULL)
        g_ptr_array_add(worker->enroll.samples, sample);
    return sample != NULL;
}

static bool encode(GPtrArray *octets, uint8_t *buf, size_t cap, size_t *len)
{
    struct template_prints prints = {0};

    for (guint n = 0; n < octets->len && n < TEMPLATE_PRINTS_MAX; n++) {
        struct template_print *one = &prints.print[prints.count++];
        one->val = g_bytes_get_data(g_ptr_array_index(octets, n), &one->len);
    }
    return template_write(&prints, buf, cap, len) == WIRE_OK;
}

static GBytes *template_bytes(GPtrArray *octets)
{
    uint8_t *buf = g_malloc0(FINGER_TEMPLATE_MAX);
    GBytes *packed = NULL;
    size_t len = 0;

    if (encode(octets, buf, FINGER_TEMPLATE_MAX, &len))
        packed = pack_close(buf, len);
    wire_wipe(buf, FINGER_TEMPLATE_MAX);
    g_free(buf);
    return packed;
}

static void put_template(struct worker *worker, struct frame_out *out, GPtrArray *octets)
{
    g_autoptr(GBytes) packed = template_bytes(octets);
    gsize len = 0;
    const uint8_t *data = packed != NULL ? g_bytes_get_data(packed, &len) : NULL;

    if (data != NULL)
        frame_put(out, FINGER_F_TEMPLATE, data, len);
    else
        out->tlv.failed = true;
    frame_put_u32(out, FINGER_F_SAMPLES, octets->len);
    frame_put_u32(out, FINGER_F_WIDTH, worker->enroll.width);
    frame_put_u32(out, FINGER_F_HEIGHT, worker->enroll.height);
}

void enroll_report(struct worker *worker, GPtrArray *octets)
{
    FpDevice *device = sensor_device(worker->sensor);
    struct frame_out *out = worker_answer(worker, FINGER_ENROLLED);

    frame_put_u32(out, FINGER_F_FINGER, worker->now.finger);
    frame_put_text(out, FINGER_F_DRIVER, fp_device_get_driver(device));
    frame_put_text(out, FINGER_F_DEVICE, sensor_device_id(worker->sensor));
    put_template(worker, out, octets);
    worker_send(worker);
    worker_done(worker);
}

static void send_picture(struct worker *worker, const struct picture *picture, uint32_t number)
{
    for (size_t at = 0; at < picture->len; at += FINGER_PART_MAX) {
        struct frame_out *out = worker_answer(worker, FINGER_PICTURE);
        frame_put_u32(out, FINGER_F_NUMBER, number);
        frame_put_u32(out, FINGER_F_WIDTH, picture->width);
        frame_put_u32(out, FINGER_F_HEIGHT, picture->height);
        frame_put_u32(out, FINGER_F_OFFSET, (uint32_t)at);
        frame_put(out, FINGER_F_PIXELS, picture->pixels + at,
                  MIN(picture->len - at, FINGER_PART_MAX));
        worker_send(worker);
    }
}

static void send_pictures(struct worker *worker)
{
    const struct enroll *enroll = &worker->enroll;
    uint32_t sent = 0;

    for (guint n = 0; n < enroll->pictures->len && sent < worker->now.pictures; n++)
        if (enroll_rule_chosen(&enroll->rule, n))
            send_picture(worker, g_ptr_array_index(enroll->pictures, n), sent++);
}

static void report_template(struct worker *worker)
{
    struct enroll *enroll = &worker->enroll;
    g_autoptr(GPtrArray) chosen = g_ptr_array_new();

    send_pictures(worker);
    for (guint n = 0; n < enroll->octets->len; n++)
        if (enroll_rule_chosen(&enroll->rule, n))
            g_ptr_array_add(chosen, g_ptr_array_index(enroll->octets, n));
    enroll_report(worker, chosen);
}

static void report_press(struct worker *worker, enum finger_press result)
{
    const struct enroll_rule *rule = &worker->enroll.rule;

    worker_press_report(worker, result, enroll_rule_size(rule), rule->wanted);
}

static void report_duplicate(struct worker *worker, const struct sensor_press *press)
{
    int entry = gallery_owner(worker->gallery, press->match);
    const struct gallery_entry *found = gallery_entry(worker->gallery, entry);

    worker_fail(worker, FINGER_DUPLICATE, found != NULL ? found->id : NULL);
}

/* `refused` is what the press is called where the rule takes it for noise. */
static void follow(struct worker *worker, enum enroll_verdict verdict,
                   const struct sensor_press *press, enum finger_press refused)
{
    switch (verdict) {
    case ENROLL_TAKEN:
        report_press(worker, FINGER_PRESS_GOOD);
        break;
    case ENROLL_APART:
    case ENROLL_FOREIGN:
        report_press(worker, FINGER_PRESS_OTHER);
        break;
    case ENROLL_NOISE:
        report_press(worker, refused);
        break;
    case ENROLL_COMPLETE:
        report_press(worker, FINGER_PRESS_GOOD);
        report_template(worker);
        break;
    case ENROLL_DUPLICATE:
        report_duplicate(worker, press);
        break;
    case ENROLL_GIVEN_UP:
        worker_fail(worker, FINGER_POOR, NULL);
        break;
    }
}

static bool keeps(enum enroll_verdict verdict)
{
    return verdict == ENROLL_TAKEN || verdict == ENROLL_APART || verdict == ENROLL_COMPLETE;
}

static void judge_scan(struct worker *worker, const struct sensor_press *press)
{
    enum enroll_verdict verdict = ask_rule(worker, press);

    if (keeps(verdict) &&
        (!keep_picture(worker, press->print) || !keep_sample(worker, press->print)))
        worker_fail(worker, FINGER_INTERNAL, NULL);
    else
        follow(worker, verdict, press, FINGER_PRESS_NOISE);
}

static void judge_unread(struct worker *worker, const struct sensor_press *press)
{
    worker->unread = true;
    follow(worker, enroll_rule_unread(&worker->enroll.rule), press, press->retry);
}

void enroll_judge(struct worker *worker, const struct sensor_press *press)
{
    if (!sensor_compares(worker->sensor))
        enroll_chip_judge(worker, press);
    else if (press->outcome == SENSOR_SCANNED)
        judge_scan(worker, press);
    else if (press->outcome == SENSOR_RETRY)
        judge_unread(worker, press);
    else
        worker_fail(worker, press->reason, NULL);
}
