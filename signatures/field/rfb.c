// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/rfb.h"

static const struct field_name result_names[] = {
	{ "ok", 0 },
	{ "fail", 1 },
	{ "toomany", 2 },
	{ "unknown", 3 },
	{ NULL, 0 },
};

FIELD_NUMBER(field_rfb_sectype, APP_RFB, "rfb.sectype", NULL, 32, 0, NULL, FIELD_WAITING);
FIELD_NUMBER(field_rfb_secresult, APP_RFB, "rfb.secresult", NULL, 32, 0, result_names, FIELD_WAITING);
FIELD_BUFFER(field_rfb_name, APP_RFB, "rfb.name", NULL, "rfb desktop name", 0, FIELD_WAITING);
