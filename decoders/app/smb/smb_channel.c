// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/smb/smb_channel.h"
#include <string.h>
#include <sys/random.h>
#include <xxhash.h>
#include "decoders/flow/flow.h"

#define WAYS 4

bool smb_channels_init(struct smb_channels *channels)
{
	return getrandom(&channels->seed, sizeof channels->seed, 0) == sizeof channels->seed;
}

// Low bits pick the bucket, all of them are compared: 64 keyed bits stand for the file.
static uint64_t key_of(
	const struct smb_channels *channels, const struct flow *flow, uint64_t session, const uint8_t fuid[16])
{
	struct {
		struct address client, server;
		uint64_t session;
		uint8_t fuid[16];
	} whole = { .client = flow->key.src, .server = flow->key.dst, .session = session };
	memcpy(whole.fuid, fuid, sizeof whole.fuid);
	uint64_t key = XXH3_64bits_withSeed(&whole, sizeof whole, channels->seed);
	return key ? key : 1;
}

static struct smb_channel *bucket_of(struct smb_channels *channels, uint64_t key)
{
	return &channels->entries[key % (SMB_CHANNEL_FILES / WAYS) * WAYS];
}

struct smb_channel *smb_channel_find(
	struct smb_channels *channels, const struct flow *flow, uint64_t session, const uint8_t fuid[16])
{
	if (!channels->live)
		return NULL;
	uint64_t key = key_of(channels, flow, session, fuid);
	struct smb_channel *bucket = bucket_of(channels, key);
	for (unsigned i = 0; i < WAYS; i++)
		if (bucket[i].key == key) {
			bucket[i].used = ++channels->clock;
			return &bucket[i];
		}
	return NULL;
}

struct smb_channel *smb_channel_add(
	struct smb_channels *channels, const struct flow *flow, uint64_t session, const uint8_t fuid[16])
{
	struct smb_channel *found = smb_channel_find(channels, flow, session, fuid);
	if (found)
		return found;
	uint64_t key = key_of(channels, flow, session, fuid);
	struct smb_channel *bucket = bucket_of(channels, key), *oldest = bucket;
	for (unsigned i = 1; i < WAYS; i++)
		if (bucket[i].used < oldest->used)
			oldest = &bucket[i];
	channels->replaced += oldest->key != 0;
	channels->live += oldest->key == 0;
	*oldest = (struct smb_channel) { .key = key, .used = ++channels->clock };
	return oldest;
}

static void let_go(struct smb_channels *channels, struct smb_channel *channel)
{
	if (channel->opener || channel->carried[0].tx || channel->carried[1].tx)
		return;
	*channel = (struct smb_channel) { 0 };
	channels->live--;
}

void smb_channels_drop_flow(struct smb_channels *channels, const struct flow *flow)
{
	for (unsigned i = 0; i < SMB_CHANNEL_FILES && channels->live; i++) {
		struct smb_channel *channel = &channels->entries[i];
		if (!channel->key || channel->opener != flow)
			continue;
		channel->opener = NULL;
		let_go(channels, channel);
	}
}

void smb_channels_drop_tx(struct smb_channels *channels, uint64_t key, const struct smb_tx *tx)
{
	struct smb_channel *bucket = bucket_of(channels, key);
	for (unsigned i = 0; i < WAYS; i++) {
		if (bucket[i].key != key)
			continue;
		for (int d = 0; d < 2; d++)
			if (bucket[i].carried[d].tx == tx)
				bucket[i].carried[d].tx = NULL;
		let_go(channels, &bucket[i]);
		return;
	}
}

void smb_channel_forget(struct smb_channels *channels, struct smb_channel *channel)
{
	*channel = (struct smb_channel) { 0 };
	channels->live--;
}
