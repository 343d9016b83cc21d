/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy/sensors.h"

#include <stdio.h>
#include <string.h>

#define DRIVER_MAX 32 /* octets with the NUL, as in the finger worker's frames */

/* libfprint fixes each driver's match threshold. Drivers that no row names match below its default
 * of 40: too many wrong fingers pass one press. */
enum grade { GRADE_WEAK = 0, GRADE_STRONG, GRADE_NEVER };

static const struct {
    const char *driver;
    enum grade grade;
} grades[] = {
    /* threshold 40 on the host */
    {"uru4000", GRADE_STRONG},
    {"aes2501", GRADE_STRONG},
    {"aes2550", GRADE_STRONG},
    {"etes603", GRADE_STRONG},
    {"vcom5s", GRADE_STRONG},
    {"virtual_image", GRADE_STRONG},
    /* match on chip */
    {"synaptics", GRADE_STRONG},
    {"goodixmoc", GRADE_STRONG},
    {"elanmoc", GRADE_STRONG},
    {"fpcmoc", GRADE_STRONG},
    /* threshold 9, or called insecure by the driver itself */
    {"aes3500", GRADE_NEVER},
    {"aes4000", GRADE_NEVER},
    {"egis0570", GRADE_NEVER},
};

static enum grade grade_of(const char *driver)
{
    for (size_t n = 0; n < sizeof(grades) / sizeof(grades[0]); n++)
        if (strcmp(grades[n].driver, driver) == 0)
            return grades[n].grade;
    return GRADE_WEAK;
}

static const char *refusal(const struct policy *p, const char *driver)
{
    enum grade grade = grade_of(driver);

    if (grade == GRADE_NEVER)
        return "is too weak for any zone";
    if (strncmp(driver, "virtual_", strlen("virtual_")) == 0 && !p->demo)
        return "is virtual: needs demo = yes";
    if ((p->require & FACTOR_FINGER) == 0 || grade == GRADE_STRONG)
        return NULL;
    if (p->zone == ZONE_INDIVIDUAL_NUMBER)
        return "is too weak for the individual-number zone";
    return p->finger_presses >= 2 ? NULL : "needs finger_presses = 2";
}

int policy_sensors_check(const struct policy *p, char *why, size_t whycap)
{
    const char *at = p->sensors;

    if (*at == '\0' && (p->require & FACTOR_FINGER) != 0) {
        snprintf(why, whycap, "sensors: none, but require names finger");
        return POLICY_VALUE;
    }
    while (*at != '\0') {
        char driver[DRIVER_MAX] = "";
        size_t len = strcspn(at, " ");
        const char *reason = "is too long";
        if (len < sizeof(driver)) {
            memcpy(driver, at, len);
            reason = refusal(p, driver);
        }
        if (reason != NULL) {
            snprintf(why, whycap, "sensors: %.*s %s", (int)len, at, reason);
            return POLICY_VALUE;
        }
        at += len;
        at += strspn(at, " ");
    }
    return POLICY_OK;
}
