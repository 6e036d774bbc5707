// SPDX-License-Identifier: GPL-3.0-or-later
// Checksum sample: are a capture file's checksums wrong because the network card was to fill them in (offloading)? The decoder's auto mode knows after a
// thousand; captures made on a host are often shorter, and nothing of their TCP would be read. So a file is looked at before it is read.
//
// Threads      none; done before workers start
#pragma once
#include <stdbool.h>

struct sensor_config;

// Of the first thousand checksums of the regular file path, or of all when there are fewer, more than a tenth (and eight) are wrong, and the
// configuration says auto. False for folders and pipes, which are read once.
bool checksum_sample_offloaded(const struct sensor_config *config, const char *path);
