/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/virtual/finger/impression.h"

#include <math.h>

#define W         IMPRESSION_WIDTH
#define H         IMPRESSION_HEIGHT
#define GROUND    235
#define SCRATCHES 12

struct scratch {
    double x, y, direction, length, width;
};

struct press {
    double turn, move_x, move_y;
    double stretch_x, stretch_y;
    struct field bend_x, bend_y;
    double contrast, level, level_change;
    struct field wet;
    double noise;
    struct field grain;
    double contact_x, contact_y;
    struct field edge;
    int scratches;
    struct scratch scratch[SCRATCHES];
};

static struct scratch draw_scratch(struct dice *dice)
{
    struct scratch s;

    s.x = dice_uniform(dice, 0, W);
    s.y = dice_uniform(dice, 0, H);
    s.direction = dice_uniform(dice, 0, M_PI);
    s.length = dice_uniform(dice, 20, 120);
    s.width = dice_uniform(dice, 0.6, 1.6);
    return s;
}

static void draw_place(struct press *p, struct dice *dice, double d)
{
    p->turn = dice_normal(dice, (4 + 4 * d) * M_PI / 180);
    p->move_x = dice_normal(dice, 6 + 8 * d);
    p->move_y = dice_normal(dice, 8 + 10 * d);
    p->stretch_x = 2 * dice_uniform(dice, 0.8, 1.6 + 1.8 * d);
    p->stretch_y = 2 * dice_uniform(dice, 0.8, 1.6 + 1.8 * d);
    p->bend_x = field_new(dice, 180, 420);
    p->bend_y = field_new(dice, 180, 420);
}

static void draw_look(struct press *p, struct dice *dice, double d)
{
    p->contrast = dice_uniform(dice, 2.2, 4);
    p->level = dice_normal(dice, 0.12 + 0.10 * d);
    p->level_change = dice_uniform(dice, 0.1, 0.2 + 0.15 * d);
    p->wet = field_new(dice, 60, 200);
    p->noise = dice_uniform(dice, 4, 8 + 8 * d);
    p->grain = field_new(dice, 5, 12);
    p->contact_x = W * dice_uniform(dice, 0.44, 0.52);
    p->contact_y = H * dice_uniform(dice, 0.45, 0.55);
    p->edge = field_new(dice, 15, 60);
    p->scratches = (int)fmin(dice_uniform(dice, 0, 3 + 3 * d), SCRATCHES);
    for (int n = 0; n < p->scratches; n++)
        p->scratch[n] = draw_scratch(dice);
}

static double ridge_at(const struct press *p, const struct master *master, double x, double y)
{
    double u = x - W / 2.0, v = y - H / 2.0;
    double mx = u * cos(p->turn) - v * sin(p->turn) + FLOW_WIDTH / 2.0 + p->move_x;
    double my = u * sin(p->turn) + v * cos(p->turn) + 0.45 * FLOW_HEIGHT + p->move_y;

    return master_at(master, mx + p->stretch_x * field_at(&p->bend_x, x, y),
                     my + p->stretch_y * field_at(&p->bend_y, x, y));
}

static bool on_scratch(const struct press *p, double x, double y)
{
    for (int n = 0; n < p->scratches; n++) {
        const struct scratch *s = &p->scratch[n];
        double along = (x - s->x) * cos(s->direction) + (y - s->y) * sin(s->direction);
        double across = (y - s->y) * cos(s->direction) - (x - s->x) * sin(s->direction);
        if (fabs(along) < s->length / 2 && fabs(across) < s->width)
            return true;
    }
    return false;
}

static bool in_contact(const struct press *p, struct dice *dice, double x, double y)
{
    double u = (x - W / 2.0) / p->contact_x, v = (y - H / 2.0) / p->contact_y;

    return u * u + v * v + 0.05 * field_at(&p->edge, x, y) + dice_normal(dice, 0.02) < 1;
}

static double grey_at(const struct press *p, const struct master *master, struct dice *dice, int x,
                      int y)
{
    double level, value;

    if (!in_contact(p, dice, x, y))
        return GROUND + dice_normal(dice, 2);
    level = p->level + p->level_change * field_at(&p->wet, x, y);
    value = 128 - 115 * tanh(p->contrast * (ridge_at(p, master, x, y) - level));
    value += dice_normal(dice, p->noise) + 6 * field_at(&p->grain, x, y);
    return on_scratch(p, x, y) ? fmax(value, GROUND - 20) : value;
}

static uint8_t quantise(double grey, int levels)
{
    double clipped = fmin(fmax(grey, 0), 255);

    return (uint8_t)lround(round(clipped / 255 * (levels - 1)) * 255 / (levels - 1));
}

bool impression_press(struct image *image, const struct master *master, uint64_t seed,
                      double difficulty, int levels)
{
    struct dice dice = dice_new(seed);
    struct press p;

    if (!image_create(image, W, H))
        return false;
    draw_place(&p, &dice, difficulty);
    draw_look(&p, &dice, difficulty);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            image->pixels[y * W + x] = quantise(grey_at(&p, master, &dice, x, y), levels);
    return true;
}
