/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/virtual/finger/flow.h"

#include <math.h>

const char *flow_name(enum flow_class class)
{
    static const char *const names[] = {"arch", "left-loop", "right-loop", "tented-arch", "whorl"};

    return names[class];
}

/* Shares of the classes in the population, arches a little more often than in nature. */
static enum flow_class draw_class(struct dice *dice)
{
    double u = dice_uniform(dice, 0, 1);

    if (u < 0.08)
        return FLOW_ARCH;
    if (u < 0.35)
        return FLOW_LEFT_LOOP;
    if (u < 0.62)
        return FLOW_RIGHT_LOOP;
    return u < 0.68 ? FLOW_TENTED : FLOW_WHORL;
}

static struct singularity place(struct dice *dice, double x, double y)
{
    struct singularity s = {.x = x, .y = y};

    for (int n = 0; n < FLOW_SECTORS; n++)
        s.offset[n] = dice_normal(dice, 0.30);
    s.offset[FLOW_SECTORS] = s.offset[0];
    return s;
}

static void place_loop(struct flow *flow, struct dice *dice, double side)
{
    double x = flow->centre_x + side * dice_uniform(dice, 70, 115);
    double y = flow->centre_y + dice_uniform(dice, 110, 160);

    flow->cores = flow->deltas = 1;
    flow->core[0] = place(dice, flow->centre_x, flow->centre_y);
    flow->delta[0] = place(dice, x, y);
}

static void place_tented(struct flow *flow, struct dice *dice)
{
    double x = flow->centre_x + dice_uniform(dice, -8, 8);
    double y = flow->centre_y + dice_uniform(dice, 70, 110);

    flow->cores = flow->deltas = 1;
    flow->core[0] = place(dice, flow->centre_x, flow->centre_y);
    flow->delta[0] = place(dice, x, y);
}

static void place_whorl(struct flow *flow, struct dice *dice)
{
    double half = dice_uniform(dice, 18, 55) / 2;
    double tilt = dice_uniform(dice, -0.5, 0.5);
    double dx = half * sin(tilt), dy = half * cos(tilt);

    flow->cores = flow->deltas = 2;
    flow->core[0] = place(dice, flow->centre_x - dx, flow->centre_y - dy);
    flow->core[1] = place(dice, flow->centre_x + dx, flow->centre_y + dy);
    for (int n = 0; n < 2; n++) {
        double x = flow->centre_x + (n == 0 ? -1 : 1) * dice_uniform(dice, 85, 125);
        double y = flow->centre_y + dice_uniform(dice, 100, 150);
        flow->delta[n] = place(dice, x, y);
    }
}

static void place_class(struct flow *flow, struct dice *dice)
{
    switch (flow->class) {
    case FLOW_ARCH:
        flow->arch = dice_uniform(dice, 0.9, 1.5);
        break;
    case FLOW_LEFT_LOOP:
        place_loop(flow, dice, 1);
        break;
    case FLOW_RIGHT_LOOP:
        place_loop(flow, dice, -1);
        break;
    case FLOW_TENTED:
        place_tented(flow, dice);
        break;
    case FLOW_WHORL:
        place_whorl(flow, dice);
        break;
    }
}

struct flow flow_new(struct dice *dice)
{
    struct flow flow = {.class = draw_class(dice)};

    flow.centre_x = FLOW_WIDTH / 2.0 + dice_uniform(dice, -30, 30);
    flow.centre_y = 0.42 * FLOW_HEIGHT + dice_uniform(dice, -40, 40);
    place_class(&flow, dice);
    flow.turn = dice_normal(dice, 0.16);
    flow.wide = field_new(dice, 260, 500);
    flow.narrow = field_new(dice, 120, 220);
    return flow;
}

static double angle_from(const struct singularity *s, double x, double y)
{
    double angle = atan2(y - s->y, x - s->x);
    double sector = (angle + M_PI) / (2 * M_PI) * FLOW_SECTORS;
    int n = (int)fmin(floor(sector), FLOW_SECTORS - 1);
    double part = sector - n;

    return angle + s->offset[n] * (1 - part) + s->offset[n + 1] * part;
}

static double arch_angle(const struct flow *flow, double x, double y)
{
    double fade = flow->arch - 3.52 * fabs(y - 1.15 * flow->centre_y) / FLOW_HEIGHT;

    return atan(fmax(0, fade) * cos(M_PI * (x - flow->centre_x) / FLOW_WIDTH + M_PI / 2));
}

static double pattern_angle(const struct flow *flow, double x, double y)
{
    double sum = 0;

    if (flow->class == FLOW_ARCH)
        return arch_angle(flow, x, y);
    for (int n = 0; n < flow->cores; n++)
        sum += angle_from(&flow->core[n], x, y);
    for (int n = 0; n < flow->deltas; n++)
        sum -= angle_from(&flow->delta[n], x, y);
    return sum / 2;
}

double flow_at(const struct flow *flow, double x, double y)
{
    return pattern_angle(flow, x, y) + 0.20 * field_at(&flow->wide, x, y) +
           0.09 * field_at(&flow->narrow, x, y) + flow->turn;
}
