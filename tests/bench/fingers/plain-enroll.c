/* SPDX-License-Identifier: Apache-2.0
 *
 * plain-enroll: what libfprint makes of five presses by itself, to compare toyama-finger with.
 * Prints the number of stages done after each and writes the serialised print to FILE.
 */
#include <fprint.h>
#include <stdio.h>
#include <stdlib.h>

static void on_stage(FpDevice *device, gint completed, FpPrint *print, gpointer user, GError *error)
{
    (void)device;
    (void)print;
    (void)user;
    printf("%d %s\n", completed, error != NULL ? "again" : "good");
    fflush(stdout);
}

static GLogWriterOutput write_nothing(GLogLevelFlags level, const GLogField *fields, gsize count,
                                      gpointer user)
{
    (void)level;
    (void)fields;
    (void)count;
    (void)user;
    return G_LOG_WRITER_HANDLED;
}

static gboolean enroll(FpDevice *device, const char *path)
{
    FpPrint *blank = fp_print_new(device);
    g_autoptr(FpPrint) print = NULL;
    g_autofree guchar *octets = NULL;
    gsize len = 0;

    fp_print_set_finger(blank, FP_FINGER_RIGHT_INDEX);
    print = fp_device_enroll_sync(device, blank, NULL, on_stage, NULL, NULL);
    return print != NULL && fp_print_serialize(print, &octets, &len, NULL) &&
           g_file_set_contents(path, (const gchar *)octets, (gssize)len, NULL);
}

int main(int argc, char **argv)
{
    g_autoptr(FpContext) context = NULL;
    GPtrArray *devices;
    FpDevice *device;
    gboolean good;

    if (argc != 3) {
        fprintf(stderr, "usage: plain-enroll SOCKET FILE\n");
        return 2;
    }
    g_log_set_writer_func(write_nothing, NULL, NULL);
    g_setenv("FP_VIRTUAL_IMAGE", argv[1], TRUE);
    g_setenv("FP_DRIVERS_WHITELIST", "virtual_image", TRUE);
    context = fp_context_new();
    devices = fp_context_get_devices(context);
    if (devices->len != 1)
        return 1;
    device = g_ptr_array_index(devices, 0);
    if (!fp_device_open_sync(device, NULL, NULL))
        return 1;
    good = enroll(device, argv[2]);
    fp_device_close_sync(device, NULL, NULL);
    return good ? 0 : 1;
}
