// SPDX-License-Identifier: GPL-3.0-or-later
// File sink: events as lines of DIR/eve.json.
//
// Life cycle   through the contract of sink.h
// Memory       one buffer of FILE_SINK_BUFFER bytes; written when full and at each batch boundary
// Errors       what cannot be written is counted as lost, and told once
#pragma once
#include "export/sink/sink.h"

#define FILE_SINK_BUFFER (256u << 10)

extern const struct sink_kind file_sink_kind;

// Where its events go, as text (cut to size), and whether that is standard output.
void file_sink_path(const struct sink_config *config, char *path, size_t size);
bool file_sink_is_stdout(const struct sink_config *config);
