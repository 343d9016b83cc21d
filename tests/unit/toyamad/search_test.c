/* SPDX-License-Identifier: Apache-2.0
 *
 * The search of a finger among everybody's: its rule, the walk over the records while they change,
 * the pictures on their way.
 */
#include "toyamad/search_pictures.h"
#include "toyamad/search_rule.h"
#include "toyamad/search_walk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct host {
    char directory[64];
    char path[80];
    struct keys keys;
    struct registry reg;
};

static int begin(void **state)
{
    struct host *h = calloc(1, sizeof(*h));
    char why[256] = "";

    assert_non_null(h);
    snprintf(h->directory, sizeof(h->directory), "/tmp/toyama-search-XXXXXX");
    assert_non_null(mkdtemp(h->directory));
    snprintf(h->path, sizeof(h->path), "%s/registry.db", h->directory);
    assert_true(keys_create(h->directory, why, sizeof(why)));
    assert_true(keys_load(&h->keys, REGISTER_OWN, h->directory, why, sizeof(why)));
    assert_int_equal(registry_create(h->path, &h->keys, "lgwan", 1000), REGISTRY_OK);
    assert_int_equal(registry_open(&h->reg, h->path, &h->keys, "lgwan", why, sizeof(why)),
                     REGISTRY_OK);
    *state = h;
    return 0;
}

static int end(void **state)
{
    static const char *const name[] = {"registry.db", "registry.db-wal", "seal.key",
                                       "authority.key"};
    struct host *h = *state;
    char path[128];

    registry_close(&h->reg);
    for (size_t n = 0; n < sizeof(name) / sizeof(name[0]); n++) {
        snprintf(path, sizeof(path), "%s/%s", h->directory, name[n]);
        unlink(path);
    }
    assert_int_equal(rmdir(h->directory), 0);
    free(h);
    return 0;
}

/* A person with so many fingers, whose ids are the person's and the finger's number. */
static void put(struct host *h, uint8_t id, uint8_t fingers)
{
    struct roster_record r = {.category = ROSTER_REGULAR, .state = ROSTER_ACTIVE, .valid_from = 1};
    struct registry_change change;

    memset(r.id, id, sizeof(r.id));
    snprintf(r.number, sizeof(r.number), "%u", id);
    snprintf(r.name, sizeof(r.name), "Name %u", id);
    assert_int_equal(registry_begin(&h->reg), REGISTRY_OK);
    for (r.fingers = 0; r.fingers < fingers; r.fingers++) {
        struct roster_finger *f = &r.finger[r.fingers];
        *f = (struct roster_finger){
            .finger = (uint8_t)(r.fingers + 1), .driver = "uru4000", .samples = 7};
        snprintf(f->device, sizeof(f->device), "0");
        f->id[0] = id;
        f->id[1] = f->finger;
        registry_template_delete(&h->reg, f->id);
        assert_int_equal(registry_template_put(&h->reg, r.id, f, "template", 8), REGISTRY_OK);
    }
    assert_int_equal(registry_put(&h->reg, &r, 2000, &change), REGISTRY_OK);
    assert_int_equal(registry_commit(&h->reg), REGISTRY_OK);
    registry_settle(&h->reg, &change);
    registry_drop(&change);
}

static void leave(struct host *h, uint8_t id)
{
    uint8_t person[ROSTER_ID_LEN];
    struct registry_change change;

    memset(person, id, sizeof(person));
    assert_int_equal(registry_begin(&h->reg), REGISTRY_OK);
    assert_int_equal(registry_remove(&h->reg, person, 3000, &change), REGISTRY_OK);
    assert_int_equal(registry_commit(&h->reg), REGISTRY_OK);
    registry_settle(&h->reg, &change);
    registry_drop(&change);
}

/* The next finger as person * 16 + finger; 0 behind the last one. */
static unsigned next(struct search_walk *walk)
{
    const struct roster_finger *f = NULL;
    int err = search_walk_next(walk, &f);

    if (err == REGISTRY_NONE)
        return 0;
    assert_int_equal(err, REGISTRY_OK);
    assert_int_equal(walk->record.id[0], f->id[0]);
    return f->id[0] * 16u + f->id[1];
}

static void walks_over_every_finger_once(void **state)
{
    struct host *h = *state;
    struct search_walk walk;

    put(h, 7, 2);
    put(h, 3, 1);
    put(h, 5, 0);
    put(h, 9, 1);
    assert_true(search_walk_begin(&walk, &h->reg));
    assert_int_equal(next(&walk), 0x31);
    assert_int_equal(next(&walk), 0x71);
    assert_int_equal(next(&walk), 0x72);
    assert_int_equal(next(&walk), 0x91);
    assert_int_equal(next(&walk), 0);
    assert_int_equal(next(&walk), 0);
    assert_int_equal(search_walk_again(&walk), REGISTRY_NONE);
    search_walk_end(&walk);
}

static void walks_over_nobody(void **state)
{
    struct host *h = *state;
    struct search_walk walk;

    assert_true(search_walk_begin(&walk, &h->reg));
    assert_int_equal(next(&walk), 0);
    assert_int_equal(search_walk_again(&walk), REGISTRY_NONE);
    search_walk_end(&walk);
}

static void sees_who_came_behind_its_back(void **state)
{
    struct host *h = *state;
    struct search_walk walk;

    put(h, 4, 1);
    put(h, 6, 1);
    put(h, 8, 1);
    assert_true(search_walk_begin(&walk, &h->reg));
    assert_int_equal(next(&walk), 0x41);
    put(h, 2, 1); /* new, and the walk is past it */
    put(h, 4, 2); /* was seen with one finger */
    leave(h, 6);  /* was not seen yet */
    assert_int_equal(next(&walk), 0x81);
    assert_int_equal(next(&walk), 0);
    assert_int_equal(search_walk_again(&walk), REGISTRY_OK);
    assert_int_equal(next(&walk), 0x21);
    assert_int_equal(next(&walk), 0x41);
    assert_int_equal(next(&walk), 0x42);
    assert_int_equal(next(&walk), 0);
    assert_int_equal(search_walk_again(&walk), REGISTRY_NONE);
    search_walk_end(&walk);
}

static void gives_up_where_records_never_rest(void **state)
{
    struct host *h = *state;
    struct search_walk walk;
    unsigned walks = 1;

    put(h, 4, 1);
    assert_true(search_walk_begin(&walk, &h->reg));
    for (;; walks++) {
        int again;
        assert_int_equal(next(&walk), 0x41);
        put(h, 4, (uint8_t)(walks % 2 + 1));
        while (next(&walk) != 0)
            ;
        if ((again = search_walk_again(&walk)) == REGISTRY_LIMIT)
            break;
        assert_int_equal(again, REGISTRY_OK);
    }
    assert_int_equal(walks, SEARCH_WALKS_MAX);
    search_walk_end(&walk);
}

static void finds_the_owner_of_a_template(void **state)
{
    struct host *h = *state;
    struct roster_record out;
    uint8_t id[ROSTER_ID_LEN] = {7, 2};
    size_t count = 0;

    put(h, 3, 1);
    put(h, 7, 2);
    assert_int_equal(registry_template_count(&h->reg, &count), REGISTRY_OK);
    assert_int_equal(count, 3);
    assert_int_equal(registry_template_owner(&h->reg, id, &out), REGISTRY_OK);
    assert_string_equal(out.number, "7");
    id[1] = 3;
    assert_int_equal(registry_template_owner(&h->reg, id, &out), REGISTRY_NONE);
    assert_int_equal(sqlite3_exec(h->reg.db,
                                  "UPDATE template SET person=x'"
                                  "03030303030303030303030303030303'",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    id[1] = 2;
    assert_int_equal(registry_template_owner(&h->reg, id, &out), REGISTRY_ALTERED);
}

static void calls_alike_what_matches_enough(void **state)
{
    static const struct {
        uint32_t hits, pairs, presses, prints;
        bool alike;
    } looks[] = {
        {7, 49, 7, 7, true},     {3, 15, 7, 7, true},  {3, 14, 7, 7, false},
        {2, 14, 7, 7, false},    {7, 7, 7, 7, false},  {0, 0, 7, 7, false},
        {0, 0, 0, 0, false},     {1, 1, 1, 1, true},   {10, 30, 10, 10, true},
        {10, 29, 10, 10, false}, {7, 21, 10, 7, true}, {3, 30, 10, 10, false},
    };

    (void)state;
    for (size_t n = 0; n < sizeof(looks) / sizeof(looks[0]); n++) {
        const struct finger_hit hit = {.presses = looks[n].hits, .pairs = looks[n].pairs};
        assert_int_equal(search_rule_alike(&hit, looks[n].presses, looks[n].prints),
                         looks[n].alike);
    }
}

static void calls_firm_what_still_matches(void **state)
{
    (void)state;
    assert_true(search_rule_firm(16, 7, 7));
    assert_false(search_rule_firm(15, 7, 7));
    assert_true(search_rule_firm(32, 10, 10));
    assert_false(search_rule_firm(31, 10, 10));
    assert_false(search_rule_firm(0, 0, 0));
}

/* The nearest of half a million others had 38 of 49 pairs and 42 of 196. */
static void refuses_one_finger_only_where_it_is_the_same(void **state)
{
    static const struct {
        uint32_t pairs, firm, presses, prints;
        bool alone;
    } looks[] = {
        {49, 196, 7, 7, true},   {25, 59, 7, 7, true},     {24, 196, 7, 7, false},
        {49, 58, 7, 7, false},   {38, 42, 7, 7, false},    {0, 0, 0, 0, false},
        {50, 120, 10, 10, true}, {50, 119, 10, 10, false}, {49, 120, 10, 10, false},
    };

    (void)state;
    for (size_t n = 0; n < sizeof(looks) / sizeof(looks[0]); n++) {
        const struct finger_hit hit = {.presses = 7, .pairs = looks[n].pairs};
        assert_int_equal(search_rule_alone(&hit, looks[n].firm, looks[n].presses, looks[n].prints),
                         looks[n].alone);
    }
}

/* One press of three kinds a digit of `course`. */
static enum search_verdict after(unsigned course,
                                 enum search_verdict (*rule)(const struct search_confirm *),
                                 struct search_confirm *confirm)
{
    enum search_verdict verdict = SEARCH_AGAIN;

    for (unsigned presses = 0; verdict == SEARCH_AGAIN && presses < 10; presses++, course /= 3) {
        if (course % 3 == 0)
            confirm->hits++;
        else if (course % 3 == 1)
            confirm->misses++;
        else
            confirm->strange++;
        verdict = rule(confirm);
    }
    return verdict;
}

/* Every course that the presses can take ends, and enough hits always refuse. */
static void ends_every_confirmation(void **state)
{
    static const struct {
        enum search_verdict (*rule)(const struct search_confirm *);
        unsigned hits, misses;
    } rules[] = {{search_rule_verdict, SEARCH_CONFIRM_HITS, SEARCH_CONFIRM_MISS},
                 {search_rule_second, SEARCH_SECOND_HITS, SEARCH_SECOND_MISS}};

    (void)state;
    for (unsigned course = 0; course < 2 * 59049; course++) {
        struct search_confirm confirm = {0};
        enum search_verdict verdict = after(course / 2, rules[course % 2].rule, &confirm);
        assert_int_not_equal(verdict, SEARCH_AGAIN);
        assert_int_equal(verdict == SEARCH_SAME, confirm.hits == rules[course % 2].hits);
        assert_int_equal(verdict == SEARCH_DIFFERENT, confirm.misses == rules[course % 2].misses);
        assert_int_equal(verdict == SEARCH_UNCERTAIN, confirm.strange == SEARCH_STRANGE_MAX);
    }
}

static void keeps_pictures_within_limits(void **state)
{
    static uint8_t pixels[FINGER_PART_MAX + 1];
    struct finger_event e = {.type = FINGER_PICTURE,
                             .data = pixels,
                             .len = FINGER_PART_MAX,
                             .width = 1024,
                             .height = 1024};
    struct search_pictures pictures = {0};
    size_t taken = 0;

    (void)state;
    while (search_pictures_add(&pictures, &e))
        taken++;
    assert_int_equal(taken, (size_t)FINGER_PICTURES_MAX * FINGER_PICTURE_MAX / FINGER_PART_MAX);
    assert_int_equal(pictures.count, 1);
    search_pictures_wipe(&pictures);
    assert_null(pictures.first);
    e.len = 0;
    assert_false(search_pictures_add(&pictures, &e));
    e.len = FINGER_PART_MAX + 1;
    assert_false(search_pictures_add(&pictures, &e));
    e.len = 1;
    e.number = FINGER_PICTURES_MAX;
    assert_false(search_pictures_add(&pictures, &e));
    e.number = FINGER_PICTURES_MAX - 1;
    assert_true(search_pictures_add(&pictures, &e));
    assert_int_equal(pictures.count, FINGER_PICTURES_MAX);
    search_pictures_wipe(&pictures);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(walks_over_every_finger_once, begin, end),
        cmocka_unit_test_setup_teardown(walks_over_nobody, begin, end),
        cmocka_unit_test_setup_teardown(sees_who_came_behind_its_back, begin, end),
        cmocka_unit_test_setup_teardown(gives_up_where_records_never_rest, begin, end),
        cmocka_unit_test_setup_teardown(finds_the_owner_of_a_template, begin, end),
        cmocka_unit_test(calls_alike_what_matches_enough),
        cmocka_unit_test(calls_firm_what_still_matches),
        cmocka_unit_test(refuses_one_finger_only_where_it_is_the_same),
        cmocka_unit_test(ends_every_confirmation),
        cmocka_unit_test(keeps_pictures_within_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
