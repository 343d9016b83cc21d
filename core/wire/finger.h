/* SPDX-License-Identifier: Apache-2.0
 *
 * The channel between toyamad and its worker toyama-finger: a private SOCK_SEQPACKET pair, the
 * worker's end on descriptor 3. One worker serves one attempt and one admitted sensor. Every frame
 * carries the attempt id; answers carry the nonce of the request that they answer. There is no
 * score: the public API gives none, and a score is an oracle for hill climbing.
 *
 * A template is opaque to the broker: SEQUENCE OF OCTET STRING, one FP3 (fp_print_serialize) each,
 * or an OCTET STRING with the zlib stream (RFC 1950) of that, whichever is shorter.
 * A gallery is SEQUENCE { OCTET STRING template id, INTEGER finger, UTF8String driver,
 * UTF8String device, OCTET STRING template } each.
 *
 * Conversation: OPEN -> READY | FAILED; then GALLERY* VERIFY, or ENROLL, or GALLERY* SEARCH, any
 * number of times, one after the other. PRESS reports each press; MATCH, NO_MATCH, ENROLLED or
 * FAILED ends a request. An ENROLL that asks for PICTURES gets them before ENROLLED.
 *
 * The same program without a sensor is a matcher: it compares such pictures with a part of
 * everybody's templates, several of them on one host. MATCHER -> READY | FAILED; PICTURE* of all
 * presses; then GALLERY* COMPARE -> COMPARED | FAILED, any number of times.
 *
 * A picture travels in parts, in order: NUMBER counts pictures from 0, OFFSET octets from 0.
 * Hits are SEQUENCE { OCTET STRING template id, INTEGER presses, INTEGER pairs } each.
 */
#ifndef TOYAMA_CORE_WIRE_FINGER_H
#define TOYAMA_CORE_WIRE_FINGER_H

#include "core/wire/frame.h"

#define FINGER_WORKER_FD    3
#define FINGER_ID_LEN       16
#define FINGER_DRIVER_MAX   32
#define FINGER_DEVICE_MAX   64
#define FINGER_TEMPLATE_MAX 49152
#define FINGER_GALLERY_MAX  16384 /* templates in one request */
#define FINGER_COMPARE_MAX  256   /* templates in one COMPARE */
#define FINGER_PICTURES_MAX 10
#define FINGER_QUARTERS     4       /* that LEFT_OUT can name */
#define FINGER_PICTURE_MAX  1048576 /* pixels of one picture, an octet each */
#define FINGER_PART_MAX     49152   /* octets of a picture in one frame */

enum finger_type {
    /* broker to worker */
    FINGER_OPEN = 0x61,    /* DRIVERS admits; the first sensor that fits, in the list's order */
    FINGER_GALLERY = 0x62, /* adds templates to the next VERIFY, ENROLL or SEARCH; a VERIFY after a
                            * VERIFY keeps them where none came between */
    FINGER_VERIFY = 0x63,  /* PRESSES (1..3, default 1) of one finger must match one template */
    FINGER_ENROLL = 0x64,  /* a new template; the gallery holds fingers that must not match */
    FINGER_SEARCH = 0x65,  /* one press against the whole gallery: MATCH is a candidate, no proof */
    FINGER_LIST = 0x66,    /* instead of OPEN: SENSORS, then the worker exits */
    FINGER_MATCHER = 0x67, /* instead of OPEN: no sensor, COMPARE only */
    FINGER_PROBE = 0x68,   /* part of a picture to compare, as PICTURE has it */
    FINGER_COMPARE = 0x69, /* the first PRESSES pictures with the first SAMPLES prints of each
                            * template of the gallery, which is used up by it; with LEFT_OUT (1..4)
                            * every fourth minutia of each print is left out, from that one on */
    /* worker to broker */
    FINGER_READY = 0x71,
    FINGER_PRESS = 0x72, /* one press was judged: RESULT; in ENROLL also STAGE of STAGES */
    FINGER_MATCH = 0x73,
    FINGER_NO_MATCH = 0x74, /* VERIFY: one press that matched nothing; the broker asks again */
    FINGER_ENROLLED = 0x75,
    FINGER_FAILED = 0x76,
    FINGER_SENSORS = 0x77,
    FINGER_PICTURE = 0x78, /* part of the picture of a press that went into the template */
    FINGER_COMPARED = 0x79 /* COUNT templates were compared; LIST: hits, absent where none */
};

enum finger_field {
    FINGER_F_ATTEMPT = 0, /* 16 octets */
    FINGER_F_NONCE = 1,   /* 16 octets, of the request */
    FINGER_F_DRIVERS = 2, /* libfprint driver ids separated by ':' */
    FINGER_F_SOCKET = 3,  /* virtual_image socket path; only where the config says demo */
    FINGER_F_GALLERY = 4,
    FINGER_F_FINGER = 5, /* 1..10, ISO/IEC 19794-2: 1 right thumb .. 5 right little, 6..10 left */
    FINGER_F_PRESSES = 6,
    FINGER_F_TEMPLATE = 7,
    FINGER_F_ID = 8, /* template id of the gallery entry that matched */
    FINGER_F_DRIVER = 9,
    FINGER_F_DEVICE = 10, /* fp_device_get_device_id */
    FINGER_F_NAME = 11,   /* fp_device_get_name */
    FINGER_F_STAGE = 12,
    FINGER_F_STAGES = 13,  /* expected in all; may grow while samples are added */
    FINGER_F_RESULT = 14,  /* enum finger_press */
    FINGER_F_REASON = 15,  /* enum finger_reason */
    FINGER_F_SAMPLES = 16, /* ENROLLED: prints in the template */
    FINGER_F_LIST = 17,    /* SENSORS: SEQUENCE { UTF8String driver, device, name } each */
    FINGER_F_WIDTH = 18,   /* ENROLLED: pixels of the last image, 0 for match on chip */
    FINGER_F_HEIGHT = 19,
    FINGER_F_PICTURES = 20, /* ENROLL: wanted, 0..10; READY: 1 where the sensor has any, else 0 */
    FINGER_F_NUMBER = 21,
    FINGER_F_OFFSET = 22,
    FINGER_F_PIXELS = 23, /* 8-bit grey, row by row, dark ridges on light ground */
    FINGER_F_COUNT = 24,
    FINGER_F_LEFT_OUT = 25
};

/* A template of the gallery that was hit. */
struct finger_hit {
    uint8_t id[FINGER_ID_LEN];
    uint32_t presses; /* pictures that matched at least one of its prints */
    uint32_t pairs;   /* pairs of picture and print that matched */
};

enum finger_press {
    FINGER_PRESS_GOOD = 1,   /* ENROLL: stage taken */
    FINGER_PRESS_AGAIN = 2,  /* unreadable: lay the pad flat (M04) */
    FINGER_PRESS_SHORT = 3,  /* longer (K09) */
    FINGER_PRESS_CENTER = 4, /* other position */
    FINGER_PRESS_LIFT = 5,   /* lift first (K06) */
    FINGER_PRESS_NOISE = 6,  /* minutiae count or repeated image: not a finger */
    FINGER_PRESS_OTHER = 7   /* ENROLL: does not match the presses before: another finger? */
};

enum finger_reason {
    FINGER_NO_SENSOR = 1,    /* none that is admitted */
    FINGER_NOT_ADMITTED = 2, /* sensors are there, none of them admitted */
    FINGER_GONE = 3,         /* removed */
    FINGER_FAULT = 4,        /* the sensor failed */
    FINGER_HOT = 5,
    FINGER_INCOMPATIBLE = 6, /* no template of the gallery fits driver and device */
    FINGER_BAD_TEMPLATE = 7, /* a template does not say what the record says */
    FINGER_POOR = 8,         /* ENROLL: gave up, the finger gives no usable template (K11) */
    FINGER_DUPLICATE = 9,    /* ENROLL: matches the gallery entry ID (K10) */
    FINGER_BUSY = 10,
    FINGER_INTERNAL = 11
};

/* The next hit of a COMPARED list; the cursor moves behind it. WIRE_VALUE where it is none: no
 * press, more than were sent, or fewer pairs than presses. */
int finger_hit_next(struct tlv_cur *list, struct finger_hit *out);
void finger_hit_put(struct tlv_out *list, const struct finger_hit *hit);

extern const struct frame_rule finger_to_worker[];
extern const size_t finger_to_worker_count;
extern const struct frame_rule finger_to_broker[];
extern const size_t finger_to_broker_count;

#endif
