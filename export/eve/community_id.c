// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/community_id.h"
#include <openssl/evp.h>
#include <stdlib.h>

#define CACHE_FLOWS 2048 // a power of two

struct community_hasher {
	uint16_t seed;
	EVP_MD *sha1;
	EVP_MD_CTX *context;
	struct {
		uint64_t flow_id;
		char text[COMMUNITY_ID_SIZE + 1];
	} cache[CACHE_FLOWS]; // a flow gives several events, most of them soon after each other
};

struct community_hasher *community_hasher_new(uint16_t seed)
{
	struct community_hasher *hasher = calloc(1, sizeof(*hasher));
	if (!hasher)
		return NULL;
	hasher->seed = seed;
	hasher->sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
	hasher->context = EVP_MD_CTX_new();
	if (!hasher->sha1 || !hasher->context) {
		community_hasher_free(hasher);
		return NULL;
	}
	return hasher;
}

void community_hasher_free(struct community_hasher *hasher)
{
	if (!hasher)
		return;
	EVP_MD_free(hasher->sha1);
	EVP_MD_CTX_free(hasher->context);
	free(hasher);
}

// The other type of a pair that asks and answers; both lists as the specification has them. Negative: a message without an answer.
static int icmp4_answer(uint8_t type)
{
	static const uint8_t pairs[][2] = { { 0, 8 }, { 9, 10 }, { 13, 14 }, { 15, 16 }, { 17, 18 } };
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (pairs[i][0] == type || pairs[i][1] == type)
			return pairs[i][pairs[i][0] == type];
	return -1;
}

static int icmp6_answer(uint8_t type)
{
	static const uint8_t pairs[][2] = { { 128, 129 }, { 130, 131 }, { 133, 134 }, { 135, 136 }, { 139, 140 },
		{ 144, 145 } };
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (pairs[i][0] == type || pairs[i][1] == type)
			return pairs[i][pairs[i][0] == type];
	return -1;
}

struct ends {
	const uint8_t *src, *dst;
	size_t address_len;
	uint16_t sport, dport;
	bool has_ports, one_way;
};

static struct ends ends_of(const struct flow *flow)
{
	const struct flow_key *key = &flow->key;
	bool v4 = key->ip_version == 4;
	struct ends ends = {
		.src = key->src.bytes + (v4 ? 12 : 0), .dst = key->dst.bytes + (v4 ? 12 : 0), .address_len = v4 ? 4 : 16
	};
	bool icmp = (v4 && key->proto == PROTO_ICMP) || (!v4 && key->proto == PROTO_ICMPV6);
	if (icmp) {
		int answer = v4 ? icmp4_answer(flow->icmp_type) : icmp6_answer(flow->icmp_type);
		ends.has_ports = true;
		ends.one_way = answer < 0;
		ends.sport = flow->icmp_type;
		ends.dport = answer < 0 ? flow->icmp_code : (uint16_t)answer;
	} else if (key->proto == PROTO_TCP || key->proto == PROTO_UDP || key->proto == PROTO_SCTP) {
		ends.has_ports = true;
		ends.sport = key->sport;
		ends.dport = key->dport;
	}
	return ends;
}

static size_t put_port(uint8_t *at, uint16_t port)
{
	at[0] = (uint8_t)(port >> 8);
	at[1] = (uint8_t)port;
	return 2;
}

static size_t message_of(const struct flow *flow, uint16_t seed, uint8_t message[64])
{
	struct ends ends = ends_of(flow);
	int order = memcmp(ends.src, ends.dst, ends.address_len);
	if (!ends.one_way && (order > 0 || (order == 0 && ends.sport > ends.dport)))
		ends = (struct ends) { ends.dst, ends.src, ends.address_len, ends.dport, ends.sport, ends.has_ports,
			false };
	size_t len = put_port(message, seed);
	memcpy(message + len, ends.src, ends.address_len);
	len += ends.address_len;
	memcpy(message + len, ends.dst, ends.address_len);
	len += ends.address_len;
	message[len++] = flow->key.proto;
	message[len++] = 0;
	if (ends.has_ports) {
		len += put_port(message + len, ends.sport);
		len += put_port(message + len, ends.dport);
	}
	return len;
}

void community_id(struct community_hasher *hasher, const struct flow *flow, char text[COMMUNITY_ID_SIZE])
{
	unsigned slot = flow->id & (CACHE_FLOWS - 1);
	if (flow->id && hasher->cache[slot].flow_id == flow->id) {
		memcpy(text, hasher->cache[slot].text, COMMUNITY_ID_SIZE);
		return;
	}
	uint8_t message[64], digest[EVP_MAX_MD_SIZE] = { 0 };
	size_t len = message_of(flow, hasher->seed, message);
	EVP_DigestInit_ex(hasher->context, hasher->sha1, NULL);
	EVP_DigestUpdate(hasher->context, message, len);
	EVP_DigestFinal_ex(hasher->context, digest, NULL);
	memcpy(text, "1:", 2);
	EVP_EncodeBlock((unsigned char *)text + 2, digest, 20);
	hasher->cache[slot].flow_id = flow->id;
	memcpy(hasher->cache[slot].text, text, COMMUNITY_ID_SIZE);
}
