// SPDX-License-Identifier: GPL-3.0-or-later
// DNS probe: does a datagram, or the start of a stream, hold a DNS message?
//
// Threads      pure functions
#pragma once
#include "decoders/app/app_parser.h"

enum app_probe dns_probe(enum direction direction, struct span data, const struct flow *flow);
enum app_probe mdns_probe(enum direction direction, struct span data, const struct flow *flow);
// After a gap in a stream: could a length and a message start here?
bool dns_stream_resumes(struct span data);
