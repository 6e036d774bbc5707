// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/ntp.h"

FIELD_NUMBER(field_ntp_version, APP_NTP, "ntp.version", NULL, 8, 0, NULL, FIELD_WAITING);
FIELD_NUMBER(field_ntp_mode, APP_NTP, "ntp.mode", NULL, 8, 0, NULL, FIELD_WAITING);
FIELD_NUMBER(field_ntp_stratum, APP_NTP, "ntp.stratum", NULL, 8, 0, NULL, FIELD_WAITING);
FIELD_BUFFER(field_ntp_reference_id, APP_NTP, "ntp.reference_id", NULL, "ntp reference id", 0, FIELD_WAITING);
