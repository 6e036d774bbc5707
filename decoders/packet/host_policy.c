// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/packet/host_policy.h"
#include <stdlib.h>
#include "decoders/base/log.h"

#define ENTRY_MAX 64 // bytes of an address with its prefix

static bool add_network(struct host_policy *out, char *text, int policy)
{
	char *slash = strchr(text, '/');
	if (slash)
		*slash++ = 0;
	struct host_network one = { .prefix_bits = 128, .policy = policy };
	if (!address_parse(text, &one.network))
		return false;
	if (slash) {
		char *end;
		unsigned long bits = strtoul(slash, &end, 10);
		bool v4 = address_is_v4(&one.network);
		if (end == slash || *end || bits > (v4 ? 32 : 128))
			return false;
		one.prefix_bits = (unsigned)bits + (v4 ? 96 : 0);
	}
	struct host_network *more = realloc(out->networks, (out->count + 1) * sizeof(*more));
	if (!more)
		return false;
	out->networks = more;
	more[out->count++] = one;
	return true;
}

static bool add_list(struct host_policy *out, const char *text, int policy)
{
	static const char blanks[] = " \t\"'[],";
	for (text += strspn(text, blanks); *text; text += strspn(text, blanks)) {
		size_t len = strcspn(text, blanks);
		char entry[ENTRY_MAX];
		if (len >= sizeof(entry))
			return false;
		memcpy(entry, text, len);
		entry[len] = 0;
		if (!add_network(out, entry, policy))
			return false;
		text += len;
	}
	return true;
}

bool host_policy_parse(const struct option_map *map, const struct option_choice *names, struct host_policy *out)
{
	*out = (struct host_policy) { 0 };
	for (size_t i = 0; i < map->count; i++) {
		const char *key = map->pairs[i].key, *value = map->pairs[i].value;
		size_t len = strcspn(key, ".");
		const struct option_choice *name = names;
		while (name->name && (strlen(name->name) != len || strncmp(name->name, key, len) != 0))
			name++;
		if (!name->name || !add_list(out, value ? value : "", name->value)) {
			log_error("host-os-policy.%s: '%s' is not a list of addresses of a known system", key,
				value ? value : "");
			host_policy_fini(out);
			return false;
		}
	}
	return true;
}

void host_policy_fini(struct host_policy *policy)
{
	free(policy->networks);
	*policy = (struct host_policy) { 0 };
}

int host_policy_of(const struct host_policy *policy, const struct address *address, int preset)
{
	int found = preset, best = -1;
	for (size_t i = 0; i < policy->count; i++) {
		const struct host_network *one = &policy->networks[i];
		if ((int)one->prefix_bits > best && address_in(address, &one->network, one->prefix_bits)) {
			best = (int)one->prefix_bits;
			found = one->policy;
		}
	}
	return found;
}
