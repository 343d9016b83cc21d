/* SPDX-License-Identifier: Apache-2.0 */
#include "biometric/open_rule.h"

/* libgusb's, which libfprint passes on: whatever USB says may be over in a moment. */
#define USB_ERRORS "g-usb-device-error-quark"

static bool is_listed(const GError *error, GQuark domain, const int *codes, size_t count)
{
    for (size_t n = 0; n < count; n++)
        if (g_error_matches(error, domain, codes[n]))
            return true;
    return false;
}

static bool may_pass(const GError *error)
{
    static const int device[] = {FP_DEVICE_ERROR_GENERAL, FP_DEVICE_ERROR_BUSY,
                                 FP_DEVICE_ERROR_PROTO};
    static const int io[] = {G_IO_ERROR_FAILED, G_IO_ERROR_BUSY, G_IO_ERROR_TIMED_OUT,
                             G_IO_ERROR_ADDRESS_IN_USE};

    return is_listed(error, FP_DEVICE_ERROR, device, G_N_ELEMENTS(device)) ||
           is_listed(error, G_IO_ERROR, io, G_N_ELEMENTS(io)) ||
           g_strcmp0(g_quark_to_string(error->domain), USB_ERRORS) == 0;
}

bool open_rule_again(const GError *error, gint64 begun, gint64 now)
{
    return now >= begun && now - begun < OPEN_RULE_ALL_MS * G_TIME_SPAN_MILLISECOND &&
           may_pass(error);
}
