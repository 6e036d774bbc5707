// SPDX-License-Identifier: GPL-3.0-or-later
// Namer: nDPI over the first packets of flows that no parser claimed: protocol, category, risks.
//
// Life cycle   app_namer_new -> app_namer_look per packet until it says done; app_namer_drop at any time -> app_namer_free
// Memory       the library's module, and its state of at most max_flows flows at once, by malloc: outside the slab, because the
//              library allocates itself. A flow's state goes back as soon as the flow is named or given up. Names are kept in a
//              fixed table, so that flows can point at them until the namer is freed
// Threads      one a worker
#pragma once
#include "decoders/app/app_layer.h"

struct app_namer;

// NULL: the library could not be set up.
struct app_namer *app_namer_new(uint64_t packets, uint64_t max_flows);
void app_namer_free(struct app_namer *namer);

enum app_naming { NAMING_MORE, NAMING_NAMED, NAMING_FAILED, NAMING_OVER_BUDGET };

// flow->names is the library's state while more is wanted; when named (app.ndpi_proto is set) it points at the name.
enum app_naming app_namer_look(struct app_namer *namer, struct flow *flow, const struct packet *packet);
// No packet follows: what the library makes of those it saw, without guessing by ports and addresses.
enum app_naming app_namer_end(struct app_namer *namer, struct flow *flow);
void app_namer_drop(struct app_namer *namer, struct flow *flow);
