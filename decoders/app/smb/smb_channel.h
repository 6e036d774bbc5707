// SPDX-License-Identifier: GPL-3.0-or-later
// Channels: a session of SMB 3 may go over several connections (MS-SMB2 3.2.4.1.7), and so may the reads and writes of one open file. Which flow
// opened a file, and which transactions carry it, is kept by worker, so that what other connections bring goes into the one file.
//
// Life cycle   opened: when a file was created; a transaction carries it: with its first byte; forgotten with the flow that opened it, and with the
//              transactions that carry it
// Memory       a fixed table, SMB_CHANNEL_FILES entries; one of a full bucket gives way, and is counted: its file is then one file a connection
// Threads      the worker's: connections between the same two addresses are all its own. Between others (a host with several) files are joined
//              only where the same worker has both
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define SMB_CHANNEL_FILES 1024

struct flow;
struct smb_tx;

// An open file.
struct smb_channel {
	uint64_t key;        // of session, file id, and the two addresses; 0: free
	struct flow *opener; // NULL: gone, or not seen
	struct {
		struct flow *flow;
		struct smb_tx *tx; // carries it in a direction; NULL: none does
	} carried[2];
	uint64_t used; // the table's clock
};

struct smb_channels {
	uint64_t seed, clock, replaced;
	uint32_t live;
	struct smb_channel entries[SMB_CHANNEL_FILES];
};

bool smb_channels_init(struct smb_channels *channels); // false: no randomness
// NULL: nobody opened it that we know.
struct smb_channel *smb_channel_find(
	struct smb_channels *channels, const struct flow *flow, uint64_t session, const uint8_t fuid[16]);
// Made when it is not there.
struct smb_channel *smb_channel_add(
	struct smb_channels *channels, const struct flow *flow, uint64_t session, const uint8_t fuid[16]);
// What flow opened, or tx carries, goes.
void smb_channels_drop_flow(struct smb_channels *channels, const struct flow *flow);
void smb_channels_drop_tx(struct smb_channels *channels, uint64_t key, const struct smb_tx *tx);
// The file was closed.
void smb_channel_forget(struct smb_channels *channels, struct smb_channel *channel);
