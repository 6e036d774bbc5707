// SPDX-License-Identifier: GPL-3.0-or-later
// Fields of NTP.
//
// Threads      const tables
#pragma once
#include "signatures/field/declare.h"

#define NTP_BUFFERS(X) X(field_ntp_reference_id)
#define NTP_NUMBERS(X)       \
	X(field_ntp_version) \
	X(field_ntp_mode)    \
	X(field_ntp_stratum)

NTP_BUFFERS(FIELD_DECLARE_BUFFER)
NTP_NUMBERS(FIELD_DECLARE_NUMBER)
