// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/base/log.h"
#include "decoders/stream/stream_engine.h"
#include <stdlib.h>

static const struct {
	const char *name;
	enum tcp_os_policy policy;
} names[] = {
	{ "bsd", TCP_OS_BSD },
	{ "bsd-right", TCP_OS_BSD_RIGHT },
	{ "old-linux", TCP_OS_OLD_LINUX },
	{ "linux", TCP_OS_LINUX },
	{ "old-solaris", TCP_OS_OLD_SOLARIS },
	{ "solaris", TCP_OS_SOLARIS },
	{ "hpux10", TCP_OS_HPUX10 },
	{ "hpux11", TCP_OS_HPUX11 },
	{ "irix", TCP_OS_IRIX },
	{ "macos", TCP_OS_MACOS },
	{ "windows", TCP_OS_WINDOWS },
	{ "vista", TCP_OS_VISTA },
	{ "windows2k3", TCP_OS_WINDOWS2K3 },
	{ "first", TCP_OS_FIRST },
	{ "last", TCP_OS_LAST },
};

static bool policy_by_name(const char *key, size_t len, enum tcp_os_policy *out)
{
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strlen(names[i].name) == len && strncasecmp(names[i].name, key, len) == 0) {
			*out = names[i].policy;
			return true;
		}
	}
	return false;
}

// "10.0.0.0/8" or a single address.
static void add_network(struct stream_engine *engine, const char *text, size_t len, enum tcp_os_policy policy)
{
	char copy[ADDRESS_TEXT_SIZE + 8];
	if (len == 0)
		return;
	if (len >= sizeof(copy) || engine->host_os_count == HOST_OS_MAX) {
		log_warning("host-os-policy: '%.*s' is too long or one network too many, left out", (int)len, text);
		return;
	}
	memcpy(copy, text, len);
	copy[len] = 0;
	char *slash = strchr(copy, '/');
	if (slash)
		*slash++ = 0;
	struct host_os *row = &engine->host_os[engine->host_os_count];
	if (!address_parse(copy, &row->net)) {
		log_warning("host-os-policy: '%s' is not an address, left out", copy);
		return;
	}
	unsigned long base = address_is_v4(&row->net) ? 96 : 0, bits = slash ? strtoul(slash, NULL, 10) : 128 - base;
	row->prefix_bits = (uint8_t)(bits + base > 128 ? 128 : bits + base);
	row->policy = (uint8_t)policy;
	engine->host_os_count++;
}

// Values are "[a, b]", "a", or one element a key ("windows.0").
void host_os_load(struct stream_engine *engine)
{
	const struct option_map *map = &engine->config->host_os_policy;
	for (size_t i = 0; i < map->count; i++) {
		enum tcp_os_policy policy;
		const char *key = map->pairs[i].key, *value = map->pairs[i].value;
		if (!policy_by_name(key, strcspn(key, "."), &policy)) {
			log_warning("host-os-policy: no system is called '%s'", key);
			continue;
		}
		while (value && *value) {
			value += strspn(value, "[], \t\"'");
			size_t len = strcspn(value, "[], \t\"'");
			add_network(engine, value, len, policy);
			value += len;
		}
	}
}

static enum tcp_os_policy host_os_find(const struct stream_engine *engine, const struct address *address)
{
	enum tcp_os_policy policy = TCP_OS_BSD;
	int best = -1;
	for (unsigned i = 0; i < engine->host_os_count; i++) {
		const struct host_os *row = &engine->host_os[i];
		if (row->prefix_bits > best && address_in(address, &row->net, row->prefix_bits)) {
			best = row->prefix_bits;
			policy = (enum tcp_os_policy)row->policy;
		}
	}
	return policy;
}

enum tcp_os_policy turn_policy(struct turn *turn)
{
	struct tcp_stream *stream = turn->sender;
	if (!(stream->flags & STREAM_POLICY_SET)) {
		enum tcp_os_policy policy = host_os_find(turn->engine, &turn->packet->dst);
		// As the field does, the older variants behave as their successors in TCP
		if (policy == TCP_OS_BSD_RIGHT)
			policy = TCP_OS_BSD;
		if (policy == TCP_OS_OLD_SOLARIS)
			policy = TCP_OS_SOLARIS;
		stream->policy = (uint8_t)policy;
		stream->flags |= STREAM_POLICY_SET;
	}
	return (enum tcp_os_policy)stream->policy;
}
