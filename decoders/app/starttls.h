// SPDX-License-Identifier: GPL-3.0-or-later
// STARTTLS and its like: TLS was asked for and granted inside another protocol.
//
// Threads      worker of the flow
#pragma once
#include "decoders/app/app_parser.h"

// What a parser gives when TLS follows what it consumed, for certain.
static inline enum app_result app_switch_to_tls(struct app_input *input)
{
	input->switch_to = APP_TLS;
	input->switch_certain = true;
	return APP_SWITCH;
}
