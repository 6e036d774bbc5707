// SPDX-License-Identifier: GPL-3.0-or-later
// Detector: asks every protocol whether the first bytes of one direction are its own.
//
// Protocols whose ports the flow has are asked first (the server's port, then the client's: roles may be swapped), then all
// whose content alone can tell. Who is asked comes from app_parsers and, for protocols no parser of ours reads yet, from
// app_recognisers; app-layer.protocols.* switches them off and moves their ports.
//
// Life cycle   app_detector_new -> app_detector_ask ... -> app_detector_free
// Memory       one block at start
// Threads      const after it was made
#pragma once
#include "decoders/app/app_layer.h"

// Protocols known by content but without parser: their parse is NULL. name NULL ends.
extern const struct app_parser app_recognisers[];

struct app_detector;

struct app_detector *app_detector_new(const struct app_config *config);
void app_detector_free(struct app_detector *detector);

struct app_answer {
	const struct app_parser *parser; // who claims the bytes; NULL: nobody
	bool reversed;                   // as the other role's
	bool undecided;                  // nobody yet, but somebody wants more bytes
};

// data: the direction's bytes from their start. final: no more will come. Sets and clears APP_HINTED on flow while asking. first: asked before
// all others (what a protocol change expects); APP_UNKNOWN: nobody is.
struct app_answer app_detector_ask(const struct app_detector *detector, struct flow *flow, enum direction direction,
	struct span data, bool final, enum app_proto first);

// Are data what somebody speaks whose port the flow's server has?
bool app_detector_speaks_port(
	const struct app_detector *detector, struct flow *flow, enum direction direction, struct span data);

// The parser or recogniser asked for proto; NULL: none, or switched off.
const struct app_parser *app_detector_parser(const struct app_detector *detector, enum app_proto proto);
