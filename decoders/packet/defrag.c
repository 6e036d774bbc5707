// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/packet/defrag.h"
#include <endian.h>
#include <stdlib.h>
#include <sys/random.h>
#include <xxhash.h>
#include "decoders/base/clock.h"
#include "decoders/packet/checksum.h"
#include "decoders/packet/defrag_pieces.h"
#include "decoders/packet/host_policy.h"
#include "decoders/packet/network.h"

#define HEADERS_MAX  1024 // bytes before the data that a datagram keeps; no honest sender has more
#define DATAGRAM_MAX 65535
#define BUFFERS      4 // datagrams one frame can complete: one in another by tunnels
#define BUFFER_SIZE  (HEADERS_MAX + DATAGRAM_MAX)
#define EXPIRE_MAX   8 // datagrams given up for their age a call
#define BUCKETS_MAX  65536

struct key {
	struct address src, dst;
	uint32_t id;
	uint32_t tunnel_id;
	uint16_t vlan[PACKET_VLANS_MAX];
	uint8_t vlan_count, ip_version, proto, depth;
	uint8_t pad[6];
};
static_assert(sizeof(struct key) == 56, "hashed and compared as bytes");

struct tracker {
	struct key key;
	struct tracker *next;          // in its bucket
	struct tracker *older, *newer; // by last fragment
	uint64_t last_ns;
	uint8_t policy; // enum defrag_policy
	bool last_seen; // the fragment without more to come
	uint8_t next_header;
	bool has_ether;
	uint16_t headers_len;                          // 0: the first fragment is missing
	uint16_t ip_offset, next_offset, ether_offset; // in headers
	uint8_t *headers;                              // of the first fragment
	struct pieces pieces;
};

struct defrag {
	struct slab *slab;
	struct tracker **buckets;
	uint32_t bucket_mask;
	unsigned count, max;         // datagrams
	uint64_t pieces, max_pieces; // of all of them
	struct tracker *oldest, *newest;
	uint64_t timeout_ns, seed;
	uint64_t *counters;
	struct host_policy hosts;
	uint8_t *buffers; // BUFFERS of BUFFER_SIZE
	unsigned buffers_used;
};

static const struct option_choice policy_names[] = {
	{ "bsd", DEFRAG_BSD },
	{ "bsd-right", DEFRAG_BSD_RIGHT },
	{ "old-linux", DEFRAG_LINUX },
	{ "linux", DEFRAG_LINUX },
	{ "old-solaris", DEFRAG_FIRST },
	{ "solaris", DEFRAG_SOLARIS },
	{ "hpux10", DEFRAG_BSD },
	{ "hpux11", DEFRAG_FIRST },
	{ "irix", DEFRAG_BSD },
	{ "macos", DEFRAG_FIRST },
	{ "windows", DEFRAG_WINDOWS },
	{ "vista", DEFRAG_WINDOWS },
	{ "windows2k3", DEFRAG_WINDOWS },
	{ "first", DEFRAG_FIRST },
	{ "last", DEFRAG_LAST },
	{ NULL, 0 },
};

struct defrag *defrag_new(const struct packet_config *config, uint64_t *counters)
{
	struct defrag *defrag = calloc(1, sizeof(*defrag));
	if (!defrag)
		return NULL;
	uint32_t buckets = 64;
	while (buckets < config->defrag_max_trackers && buckets < BUCKETS_MAX)
		buckets *= 2;
	defrag->bucket_mask = buckets - 1;
	defrag->max = (unsigned)config->defrag_max_trackers;
	defrag->max_pieces = config->defrag_max_fragments;
	defrag->timeout_ns = config->defrag_timeout_s * NS_PER_S;
	defrag->counters = counters;
	defrag->buckets = calloc(buckets, sizeof(*defrag->buckets));
	defrag->buffers = malloc((size_t)BUFFERS * BUFFER_SIZE);
	defrag->slab = slab_new(config->defrag_memcap_bytes);
	bool seeded = getrandom(&defrag->seed, sizeof(defrag->seed), 0) == sizeof(defrag->seed);
	if (!defrag->buckets || !defrag->buffers || !defrag->slab || !seeded ||
		!host_policy_parse(&config->host_os_policy, policy_names, &defrag->hosts)) {
		defrag_free(defrag);
		return NULL;
	}
	return defrag;
}

void defrag_free(struct defrag *defrag)
{
	if (!defrag)
		return;
	slab_destroy(defrag->slab);
	host_policy_fini(&defrag->hosts);
	free(defrag->buffers);
	free(defrag->buckets);
	free(defrag);
}

void defrag_next_frame(struct defrag *defrag)
{
	defrag->buffers_used = 0;
}

unsigned defrag_waiting(const struct defrag *defrag)
{
	return defrag->count;
}

static struct tracker **bucket_of(struct defrag *defrag, const struct key *key)
{
	return &defrag->buckets[XXH3_64bits_withSeed(key, sizeof(*key), defrag->seed) & defrag->bucket_mask];
}

static void unlink_age(struct defrag *defrag, struct tracker *t)
{
	*(t->older ? &t->older->newer : &defrag->oldest) = t->newer;
	*(t->newer ? &t->newer->older : &defrag->newest) = t->older;
}

static void link_newest(struct defrag *defrag, struct tracker *t)
{
	t->newer = NULL;
	t->older = defrag->newest;
	*(t->older ? &t->older->newer : &defrag->oldest) = t;
	defrag->newest = t;
}

static void give_up(struct defrag *defrag, struct tracker *t)
{
	struct tracker **at = bucket_of(defrag, &t->key);
	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	unlink_age(defrag, t);
	defrag->count--;
	defrag->pieces -= t->pieces.count;
	pieces_fini(defrag->slab, &t->pieces);
	slab_free(defrag->slab, t->headers, pieces_block_size(t->headers_len));
	slab_free(defrag->slab, t, pieces_block_size(sizeof(*t)));
}

// No block of the wanted size is left although the budget is not reached: small ones have used up the slab. Nothing less brings it back.
static void give_up_all(struct defrag *defrag)
{
	defrag->counters[PACKET_COUNT_DEFRAG_EVICTED] += defrag->count;
	memset(defrag->buckets, 0, sizeof(*defrag->buckets) * (defrag->bucket_mask + (size_t)1));
	defrag->oldest = defrag->newest = NULL;
	defrag->count = 0;
	defrag->pieces = 0;
	slab_reset(defrag->slab);
}

static void expire(struct defrag *defrag, uint64_t now_ns)
{
	for (unsigned i = 0; i < EXPIRE_MAX; i++) {
		struct tracker *t = defrag->oldest;
		if (!t || now_ns < t->last_ns || now_ns - t->last_ns <= defrag->timeout_ns)
			return;
		give_up(defrag, t);
		defrag->counters[PACKET_COUNT_DEFRAG_TIMEOUT]++;
	}
}

static struct key key_of(const struct packet *p)
{
	struct key key = {
		.src = p->src,
		.dst = p->dst,
		.id = p->ip_id,
		.tunnel_id = p->tunnel_id,
		.vlan_count = p->vlan_count,
		.ip_version = p->ip_version,
		.proto = p->ip_version == 4 ? p->proto
					    : 0, // IPv6: source, destination and id alone (RFC 8200 section 4.5)
		.depth = p->depth,
	};
	memcpy(key.vlan, p->vlan, sizeof(key.vlan));
	return key;
}

// Finds the datagram, or begins it. NULL: no memory.
static struct tracker *tracker_of(struct defrag *defrag, const struct packet *p)
{
	struct key key = key_of(p);
	struct tracker **bucket = bucket_of(defrag, &key), *t = *bucket;
	while (t && memcmp(&t->key, &key, sizeof(key)) != 0)
		t = t->next;
	if (t && p->ts_ns > t->last_ns && p->ts_ns - t->last_ns > defrag->timeout_ns) {
		give_up(defrag, t);
		defrag->counters[PACKET_COUNT_DEFRAG_TIMEOUT]++;
		t = NULL;
	}
	if (!t) {
		if (defrag->count >= defrag->max) {
			give_up(defrag, defrag->oldest);
			defrag->counters[PACKET_COUNT_DEFRAG_EVICTED]++;
		}
		t = slab_alloc(defrag->slab, pieces_block_size(sizeof(*t)));
		if (!t)
			return NULL;
		t->key = key;
		t->policy = (uint8_t)host_policy_of(&defrag->hosts, &p->dst, DEFRAG_BSD);
		t->next = *bucket;
		*bucket = t;
		defrag->count++;
	} else {
		unlink_age(defrag, t);
	}
	link_newest(defrag, t);
	t->last_ns = p->ts_ns;
	return t;
}

// The first fragment's headers, up to what is fragmented. false: no memory.
static bool keep_headers(
	struct defrag *defrag, struct tracker *t, const struct packet *p, const struct fragment *fragment)
{
	uint32_t ip_offset = (uint32_t)(p->ip - p->frame.data);
	uint32_t len = ip_offset + fragment->header_len;
	t->headers = slab_alloc_raw(defrag->slab, pieces_block_size(len));
	if (!t->headers)
		return false;
	memcpy(t->headers, p->frame.data, len);
	t->headers_len = (uint16_t)len;
	t->ip_offset = (uint16_t)ip_offset;
	t->next_offset = (uint16_t)(ip_offset + fragment->next_offset);
	t->next_header = fragment->next_header;
	t->has_ether = (p->flags & PACKET_ETHERNET) != 0;
	if (t->has_ether)
		t->ether_offset = (uint16_t)(p->ether - p->frame.data);
	return true;
}

// IP header of the whole datagram: lengths, no fragment any more, and a right checksum.
static void mend_header(const struct tracker *t, uint8_t *frame, uint32_t len)
{
	uint8_t *ip = frame + t->ip_offset;
	uint32_t ip_len = len - t->ip_offset;
	if (t->key.ip_version == 4) {
		uint16_t total = htobe16((uint16_t)ip_len), zero = 0;
		memcpy(ip + 2, &total, 2);
		memcpy(ip + 6, &zero, 2);
		memcpy(ip + 10, &zero, 2);
		uint16_t sum = (uint16_t)~checksum_fold(
			checksum_sum((struct span) { ip, t->headers_len - (uint32_t)t->ip_offset }));
		memcpy(ip + 10, &sum, 2);
	} else {
		uint16_t payload = htobe16((uint16_t)(ip_len - IPV6_HEADER_LEN));
		memcpy(ip + 4, &payload, 2);
		frame[t->next_offset] = t->next_header;
	}
}

// Puts the datagram together. Leaves outcome->frame empty when it cannot be one.
static void assemble(struct defrag *defrag, const struct tracker *t, struct defrag_outcome *outcome)
{
	uint32_t len = t->headers_len + t->pieces.end;
	uint32_t fixed = t->key.ip_version == 6 ? IPV6_HEADER_LEN : 0; // not in IPv6's own length
	if (len - t->ip_offset - fixed > DATAGRAM_MAX) {
		outcome->too_large = true;
		return;
	}
	if (defrag->buffers_used == BUFFERS) {
		defrag->counters[PACKET_COUNT_DEFRAG_MEMCAP]++;
		return;
	}
	uint8_t *frame = defrag->buffers + (size_t)BUFFER_SIZE * defrag->buffers_used++;
	memcpy(frame, t->headers, t->headers_len);
	pieces_copy(&t->pieces, frame + t->headers_len);
	mend_header(t, frame, len);
	outcome->frame = (struct span) { frame, len };
	outcome->ip_offset = t->ip_offset;
	outcome->has_ether = t->has_ether;
	outcome->ether_offset = t->ether_offset;
}

// One try. false: no memory; the datagram, if there was one, is given up.
static bool add(
	struct defrag *defrag, const struct packet *p, const struct fragment *fragment, struct defrag_outcome *outcome)
{
	struct tracker *t = tracker_of(defrag, p);
	if (!t)
		return false;
	defrag->pieces -= t->pieces.count;
	bool kept = fragment->offset != 0 || t->headers || keep_headers(defrag, t, p, fragment);
	kept = kept && pieces_add(defrag->slab, &t->pieces, (enum defrag_policy)t->policy, fragment->offset,
			       fragment->data, &outcome->overlap);
	defrag->pieces += t->pieces.count;
	if (!kept) {
		give_up(defrag, t);
		return false;
	}
	if (!fragment->more)
		t->last_seen = true;
	if (t->last_seen && t->headers && pieces_whole(&t->pieces)) {
		assemble(defrag, t, outcome);
		give_up(defrag, t);
	}
	return true;
}

static bool is_full(const struct defrag *defrag)
{
	return defrag->pieces >= defrag->max_pieces ||
	       slab_used_bytes(defrag->slab) > slab_budget_bytes(defrag->slab) / 8 * 7;
}

void defrag_add(
	struct defrag *defrag, const struct packet *p, const struct fragment *fragment, struct defrag_outcome *outcome)
{
	*outcome = (struct defrag_outcome) { 0 };
	if ((uint32_t)(p->ip - p->frame.data) + fragment->header_len > HEADERS_MAX) {
		defrag->counters[PACKET_COUNT_DEFRAG_MEMCAP]++;
		return;
	}
	expire(defrag, p->ts_ns);
	// Full: make room at the cost of the datagrams that waited longest, a few a fragment, so that those after it fit.
	for (unsigned i = 0; i < EXPIRE_MAX && defrag->oldest && is_full(defrag); i++) {
		give_up(defrag, defrag->oldest);
		defrag->counters[PACKET_COUNT_DEFRAG_EVICTED]++;
	}
	if (add(defrag, p, fragment, outcome))
		return;
	defrag->counters[PACKET_COUNT_DEFRAG_MEMCAP]++;
	give_up_all(defrag);
	add(defrag, p, fragment, outcome);
}
