// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/ntp.h"

static const struct field_name mode_names[] = {
	{ "reserved", 0 },
	{ "symmetric_active", 1 },
	{ "symmetric_passive", 2 },
	{ "client", 3 },
	{ "server", 4 },
	{ "broadcast", 5 },
	{ "control", 6 },
	{ "private", 7 },
	{ NULL, 0 },
};

FIELD_NUMBER(field_ntp_version, APP_NTP, "ntp.version", NULL, 8, 0, NULL, FIELD_WAITING);
FIELD_NUMBER(field_ntp_mode, APP_NTP, "ntp.mode", NULL, 8, 0, mode_names, FIELD_WAITING);
FIELD_NUMBER(field_ntp_stratum, APP_NTP, "ntp.stratum", NULL, 8, 0, NULL, FIELD_WAITING);
FIELD_BUFFER(field_ntp_reference_id, APP_NTP, "ntp.reference_id", NULL, "ntp reference id", 0, FIELD_WAITING);
