// SPDX-License-Identifier: GPL-3.0-or-later
// Tests on what is known of a packet's addresses: TEST_IPREP, TEST_GEOIP.
// Threads      any; functions of their arguments
#pragma once
#include "signatures/rule/rule.h"

bool address_test_holds(const struct packet *packet, const struct rule_test *test);
