// SPDX-License-Identifier: GPL-3.0-or-later
// Flow tests: rule keywords on a flow's state and variables (flowbits, flowint, xbits, stream_size, flow.age, app-layer-protocol ...), and
// what a match does to them.
#pragma once
#include "signatures/engine/worker.h"

bool flow_test_holds(struct engine_worker *worker, const struct rule_test *test);
