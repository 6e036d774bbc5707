// SPDX-License-Identifier: GPL-3.0-or-later
// Files over several connections of one session (smb_channel.h): what this flow brings of a file another flow carries goes there.
#include "decoders/app/smb/smb2.h"
#include "decoders/stream/tcp_session.h"

#define DIALECT_3_0 0x0300

static bool may_have_channels(const struct smb_reader *r)
{
	return !r->state->dialect || r->state->dialect >= DIALECT_3_0;
}

static struct smb_channel *channel_of(struct smb_reader *r, uint64_t session, const uint8_t *fuid)
{
	if (!may_have_channels(r))
		return NULL;
	return smb_channel_find(&r->worker->channels, r->flow, session, fuid);
}

static struct smb_channel *add(struct smb_reader *r, uint64_t session, const uint8_t *fuid)
{
	struct smb_channels *channels = &r->worker->channels;
	uint64_t replaced = channels->replaced;
	struct smb_channel *channel = smb_channel_add(channels, r->flow, session, fuid);
	if (channels->replaced != replaced)
		smb_count(r, SMB_COUNT_OVER_BUDGET);
	return channel;
}

// The same reading, on behalf of another flow.
static struct smb_reader reader_of(const struct smb_reader *r, struct flow *flow, struct smb_tx *tx)
{
	struct smb_reader other = *r;
	other.flow = flow;
	other.state = flow->app.state;
	other.tx = tx;
	return other;
}

static bool is_elsewhere(const struct smb_reader *r, const struct smb_channel *channel, enum direction direction)
{
	return channel->carried[direction].tx && channel->carried[direction].flow != r->flow &&
	       !channel->carried[direction].tx->file.closed;
}

void smb_join_opened(struct smb_reader *r, const struct smb_header *header, const uint8_t *fuid)
{
	const struct smb_tree *tree = smb_tree_find(r, header->session, header->tree);
	if (!may_have_channels(r) || (tree && tree->is_pipe))
		return;
	add(r, header->session, fuid)->opener = r->flow;
	r->state->opened = true;
}

void smb_join_carried(struct smb_reader *r, const struct smb_header *header, const uint8_t *fuid, struct smb_tx *tx)
{
	if (!may_have_channels(r))
		return;
	struct smb_channel *channel = add(r, header->session, fuid);
	channel->carried[r->direction].flow = r->flow;
	channel->carried[r->direction].tx = tx;
	tx->file.channel = channel->key;
	if (!channel->opener || channel->opener == r->flow)
		return;
	// The file is this flow's first, but another one knows its name
	struct smb_reader opener = reader_of(r, channel->opener, NULL);
	const struct smb_open *open = smb_open_find(&opener, fuid, SMB2_FUID_BYTES);
	if (open && !tx->name.len)
		bytes_append(r->slab, &tx->name, bytes_span(&open->name), SMB_NAME_MAX);
	const struct smb_tree *tree = smb_tree_find(&opener, header->session, header->tree);
	if (tree && !tx->share.len)
		bytes_append(r->slab, &tx->share, bytes_span(&tree->name), SMB_NAME_MAX);
}

bool smb_join_data(
	struct smb_reader *r, const struct smb_header *header, const uint8_t *fuid, uint64_t offset, struct span data)
{
	struct smb_channel *channel = channel_of(r, header->session, fuid);
	if (!channel || !is_elsewhere(r, channel, r->direction))
		return false;
	struct smb_side *side = r->side;
	side->joined = true;
	side->join_session = header->session;
	side->join_offset = offset;
	memcpy(side->join_fuid, fuid, SMB2_FUID_BYTES);
	// One connection closes the file while what another brought last still waits for its acknowledgement
	tcp_session_app_at_once(r->flow, TO_CLIENT, true);
	tcp_session_app_at_once(channel->carried[r->direction].flow, TO_CLIENT, true);
	smb_join_more(r, data);
	return true;
}

void smb_join_more(struct smb_reader *r, struct span data)
{
	struct smb_side *side = r->side;
	struct smb_channel *channel = channel_of(r, side->join_session, side->join_fuid);
	uint64_t offset = side->join_offset;
	side->join_offset += data.len;
	if (!channel || !is_elsewhere(r, channel, r->direction) || !data.len)
		return;
	struct smb_tx *tx = channel->carried[r->direction].tx;
	struct smb_reader carrier = reader_of(r, channel->carried[r->direction].flow, tx);
	tx->tx.last_ns = r->input->now_ns;
	smb_file_piece(&carrier, tx, offset, data);
}

void smb_join_close(struct smb_reader *r, const struct smb_header *header, const uint8_t *fuid)
{
	struct smb_channel *channel = channel_of(r, header->session, fuid);
	for (int d = TO_SERVER; channel && d <= TO_CLIENT; d++) {
		if (!is_elsewhere(r, channel, (enum direction)d))
			continue;
		struct smb_tx *tx = channel->carried[d].tx;
		struct smb_reader carrier = reader_of(r, channel->carried[d].flow, tx);
		smb_file_end(&carrier, tx);
	}
}

void smb_join_closed(struct smb_reader *r, const struct smb_header *header, const uint8_t *fuid)
{
	struct smb_channel *channel = channel_of(r, header->session, fuid);
	if (!channel)
		return;
	if (channel->opener && channel->opener != r->flow) {
		struct smb_reader opener = reader_of(r, channel->opener, NULL);
		smb_open_drop(&opener, fuid, SMB2_FUID_BYTES);
	}
	smb_channel_forget(&r->worker->channels, channel);
}
