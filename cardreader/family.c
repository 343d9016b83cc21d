/* SPDX-License-Identifier: Apache-2.0 */
#include "cardreader/family.h"

#include "cardreader/felica.h"
#include "cardreader/jpki.h"
#include "cardreader/piv.h"
#include "cardreader/ykccid.h"

static const struct family families[] = {
    {CARD_PIV, piv_select, piv_read, piv_check, piv_verify, piv_sign, piv_change, NULL},
    {CARD_JPKI, jpki_select, jpki_read, jpki_check, jpki_verify, jpki_sign, jpki_change, NULL},
    {CARD_FELICA, felica_select, felica_read, felica_check, NULL, felica_sign, NULL, felica_issue},
    {CARD_YUBIKEY, ykccid_select, ykccid_read, ykccid_check, NULL, ykccid_sign, NULL, NULL},
};

const struct family *family_find(uint32_t id)
{
    for (size_t n = 0; n < sizeof(families) / sizeof(families[0]); n++)
        if (families[n].id == id)
            return &families[n];
    return NULL;
}
