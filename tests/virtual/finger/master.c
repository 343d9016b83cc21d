/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/virtual/finger/master.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define W          FLOW_WIDTH
#define H          FLOW_HEIGHT
#define POINTS     (W * H)
#define RADIUS     9
#define SIDE       (2 * RADIUS + 1)
#define TAPS       (SIDE * SIDE)
#define DIRECTIONS 48
#define PERIODS    7
#define PERIOD_MIN 6.5
#define PERIOD_MAX 12.5
#define ROUNDS     30
#define SOFT       8 /* last rounds, which leave the ridges their slopes */

struct growth {
    float kernel[DIRECTIONS * PERIODS][TAPS];
    uint16_t which[POINTS]; /* kernel of each point */
    float now[POINTS];
    float next[POINTS];
};

static void centre_and_scale(float *kernel)
{
    double mean = 0, size = 0;

    for (int n = 0; n < TAPS; n++)
        mean += kernel[n] / TAPS;
    for (int n = 0; n < TAPS; n++) {
        kernel[n] -= (float)mean;
        size += fabs(kernel[n]);
    }
    for (int n = 0; n < TAPS; n++)
        kernel[n] /= (float)size;
}

static void make_kernel(float *kernel, double direction, double period)
{
    double sigma = 0.42 * period;

    for (int y = -RADIUS; y <= RADIUS; y++)
        for (int x = -RADIUS; x <= RADIUS; x++) {
            double across = y * cos(direction) - x * sin(direction);
            double fade = exp(-(x * x + y * y) / (2 * sigma * sigma));
            *kernel++ = (float)(fade * cos(2 * M_PI * across / period));
        }
    centre_and_scale(kernel - TAPS);
}

static void make_kernels(struct growth *g)
{
    for (int d = 0; d < DIRECTIONS; d++)
        for (int p = 0; p < PERIODS; p++)
            make_kernel(g->kernel[d * PERIODS + p], M_PI * d / DIRECTIONS,
                        PERIOD_MIN + (PERIOD_MAX - PERIOD_MIN) * p / (PERIODS - 1));
}

static int direction_step(double direction)
{
    int step = (int)lround(direction / M_PI * DIRECTIONS) % DIRECTIONS;

    return step < 0 ? step + DIRECTIONS : step;
}

static int period_step(double period)
{
    double clipped = fmin(fmax(period, PERIOD_MIN), PERIOD_MAX);

    return (int)lround((clipped - PERIOD_MIN) / (PERIOD_MAX - PERIOD_MIN) * (PERIODS - 1));
}

static void choose_kernels(struct growth *g, const struct flow *flow, struct dice *dice)
{
    struct field change = field_new(dice, 150, 400);
    double base = dice_uniform(dice, 7.8, 10.4);

    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            double below = fmax(0, (y - flow->centre_y - 60) / H);
            double period = base * (1 + 0.10 * field_at(&change, x, y) + 0.10 * below);
            g->which[y * W + x] =
                (uint16_t)(direction_step(flow_at(flow, x, y)) * PERIODS + period_step(period));
        }
}

static void sow(struct growth *g, struct dice *dice)
{
    int seeds = (int)dice_uniform(dice, 60, 260);

    for (int n = 0; n < seeds; n++) {
        size_t at = dice_next(dice) % POINTS;
        g->now[at] = (dice_next(dice) & 1) != 0 ? 1 : -1;
    }
}

static float filter(const struct growth *g, int x, int y)
{
    const float *kernel = g->kernel[g->which[y * W + x]];
    int left = x < RADIUS ? -x : -RADIUS;
    int right = x >= W - RADIUS ? W - 1 - x : RADIUS;
    float sum = 0;

    for (int dy = -RADIUS; dy <= RADIUS; dy++) {
        if (y + dy < 0 || y + dy >= H)
            continue;
        const float *row = &g->now[(y + dy) * W + x];
        const float *taps = &kernel[(dy + RADIUS) * SIDE + RADIUS];
        for (int dx = left; dx <= right; dx++)
            sum += row[dx] * taps[dx];
    }
    return sum;
}

static void grow_once(struct growth *g, float steepness)
{
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            g->next[y * W + x] = tanhf(steepness * filter(g, x, y));
    memcpy(g->now, g->next, sizeof(g->now));
}

bool master_grow(struct master *master, uint64_t seed)
{
    struct dice dice = dice_new(seed);
    struct flow flow = flow_new(&dice);
    struct growth *g = calloc(1, sizeof(*g));

    *master = (struct master){.class = flow.class, .ridge = malloc(POINTS * sizeof(float))};
    if (g != NULL && master->ridge != NULL) {
        make_kernels(g);
        choose_kernels(g, &flow, &dice);
        sow(g, &dice);
        for (int n = 0; n < ROUNDS; n++)
            grow_once(g, n < ROUNDS - SOFT ? 40 : 6);
        memcpy(master->ridge, g->now, POINTS * sizeof(float));
    }
    free(g);
    return g != NULL && master->ridge != NULL;
}

void master_free(struct master *master)
{
    free(master->ridge);
    master->ridge = NULL;
}

double master_at(const struct master *master, double x, double y)
{
    int left = (int)floor(x), top = (int)floor(y);
    double dx = x - left, dy = y - top;
    const float *p;

    if (left < 0 || top < 0 || left >= W - 1 || top >= H - 1)
        return 0;
    p = &master->ridge[top * W + left];
    return (p[0] * (1 - dx) + p[1] * dx) * (1 - dy) + (p[W] * (1 - dx) + p[W + 1] * dx) * dy;
}
