// SPDX-License-Identifier: GPL-3.0-or-later
// SDP (RFC 8866): a session description's lines, found when they are asked for.
//
// Memory       none: values are spans of the description
// Threads      pure
#pragma once
#include "decoders/base/cursor.h"

#define SDP_LINES_MAX 1024 // of a description that are looked at

struct sdp_line {
	char type; // 'v', 'o', 's', ...
	struct span value;
};

// The next line, *at from 0. False: no more, or what follows is no description.
bool sdp_next(struct span description, uint32_t *at, struct sdp_line *line);

// Does it begin as one does ("v=0")?
bool sdp_plausible(struct span description);

// The index-th line of type in the session's part (before the first m=). False: there are fewer.
bool sdp_session_line(struct span description, char type, unsigned index, struct span *value);
// The first line of type ('m': its own) of the nth media description that has one. False: there are fewer.
bool sdp_media_line(struct span description, char type, unsigned n, struct span *value);
