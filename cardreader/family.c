/* SPDX-License-Identifier: Apache-2.0 */
#include "cardreader/family.h"

#include "cardreader/piv.h"

static const struct family families[] = {
    {CARD_PIV, piv_select, piv_read, piv_check, piv_verify, piv_sign, NULL, NULL},
};

const struct family *family_find(uint32_t id)
{
    for (size_t n = 0; n < sizeof(families) / sizeof(families[0]); n++)
        if (families[n].id == id)
            return &families[n];
    return NULL;
}
