// SPDX-License-Identifier: GPL-3.0-or-later
// Messages of SMB and DCE-RPC as the two ends write them, for tests: each function appends one to a wire.
#pragma once
#include <stdlib.h>
#include <string.h>
#include "decoders/app/dcerpc/dcerpc_pdu.h"
#include "decoders/base/span.h"

#define WIRE_BYTES 16384

struct wire {
	uint8_t data[WIRE_BYTES];
	uint32_t len;
};

static inline void put(struct wire *w, const void *bytes, size_t len)
{
	if (len > WIRE_BYTES - w->len)
		abort();
	memcpy(w->data + w->len, bytes, len);
	w->len += (uint32_t)len;
}

static inline void put_le(struct wire *w, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++) {
		uint8_t byte = (uint8_t)(value >> 8 * i);
		put(w, &byte, 1);
	}
}

static inline void put_zeros(struct wire *w, unsigned count)
{
	put_le(w, 0, count < 8 ? count : 8);
	for (unsigned i = 8; i < count; i++)
		put_le(w, 0, 1);
}

static inline void put_wide(struct wire *w, const char *text)
{
	for (; *text; text++)
		put_le(w, (uint8_t)*text, 2);
}

static inline void put_file_id(struct wire *w, uint8_t file)
{
	for (int i = 0; i < 16; i++)
		put(w, &file, 1);
}

// SMB 2 ------------------------------------------------------------------------------------------------------------------------------

struct smb2_command {
	uint16_t command;
	uint64_t message;
	bool answer, related, async;
	uint32_t status, tree;
	uint64_t session;
	uint32_t next;
};

static inline void put_smb2(struct wire *w, const struct smb2_command *c)
{
	put(w, "\xfeSMB", 4);
	put_le(w, 64, 2);
	put_le(w, 1, 2);
	put_le(w, c->status, 4);
	put_le(w, c->command, 2);
	put_le(w, 1, 2);
	put_le(w, (c->answer ? 1u : 0) | (c->async ? 2u : 0) | (c->related ? 4u : 0), 4);
	put_le(w, c->next, 4);
	put_le(w, c->message, 8);
	put_le(w, 0xfeff, 4);
	put_le(w, c->tree, 4);
	put_le(w, c->session, 8);
	put_zeros(w, 16);
}

// A message of the NetBIOS session is opened, and closed once what is in it is written.
static inline uint32_t netbios_open(struct wire *w)
{
	put_zeros(w, 4);
	return w->len;
}

static inline void netbios_close(struct wire *w, uint32_t start)
{
	uint32_t len = w->len - start;
	w->data[start - 3] = (uint8_t)(len >> 16);
	w->data[start - 2] = (uint8_t)(len >> 8);
	w->data[start - 1] = (uint8_t)len;
}

#define SMB2_SESSION 0x40001u

static inline uint32_t smb2_open(struct wire *w, uint16_t command, uint64_t message, uint32_t tree, bool answer)
{
	uint32_t start = netbios_open(w);
	put_smb2(w,
		&(struct smb2_command) { command, message, .tree = tree, .session = SMB2_SESSION, .answer = answer });
	return start;
}

static inline void smb2_tree_connect(struct wire *w, uint64_t message, const char *path)
{
	uint32_t start = smb2_open(w, 3, message, 0, false);
	put_le(w, 9, 2);
	put_le(w, 0, 2);
	put_le(w, 72, 2);
	put_le(w, strlen(path) * 2, 2);
	put_wide(w, path);
	netbios_close(w, start);
}

static inline void smb2_tree_connected(struct wire *w, uint64_t message, uint32_t tree, uint8_t type)
{
	uint32_t start = smb2_open(w, 3, message, tree, true);
	put_le(w, 16, 2);
	put_le(w, type, 1);
	put_zeros(w, 13);
	netbios_close(w, start);
}

static inline void smb2_create(struct wire *w, uint64_t message, uint32_t tree, const char *name)
{
	uint32_t start = smb2_open(w, 5, message, tree, false);
	put_le(w, 57, 2);
	put_zeros(w, 34);
	put_le(w, 5, 4); // disposition
	put_le(w, 0x1000, 4);
	put_le(w, 120, 2);
	put_le(w, strlen(name) * 2, 2);
	put_zeros(w, 8);
	put_wide(w, name);
	netbios_close(w, start);
}

static inline void smb2_created(struct wire *w, uint64_t message, uint32_t tree, uint8_t file)
{
	uint32_t start = smb2_open(w, 5, message, tree, true);
	put_le(w, 89, 2);
	put_zeros(w, 6);
	for (int i = 0; i < 4; i++)
		put_le(w, UINT64_C(116444736000000000) + 70000000, 8); // 7 s after 1970 began
	put_zeros(w, 8);
	put_le(w, 99, 8);
	put_zeros(w, 8);
	put_file_id(w, file);
	put_zeros(w, 8);
	netbios_close(w, start);
}

static inline void smb2_write(
	struct wire *w, uint64_t message, uint32_t tree, uint8_t file, uint64_t offset, const void *data, uint32_t len)
{
	uint32_t start = smb2_open(w, 9, message, tree, false);
	put_le(w, 49, 2);
	put_le(w, 112, 2);
	put_le(w, len, 4);
	put_le(w, offset, 8);
	put_file_id(w, file);
	put_zeros(w, 16);
	put(w, data, len);
	netbios_close(w, start);
}

static inline void smb2_read(
	struct wire *w, uint64_t message, uint32_t tree, uint8_t file, uint64_t offset, uint32_t len)
{
	uint32_t start = smb2_open(w, 8, message, tree, false);
	put_le(w, 49, 2);
	put_le(w, 80, 2);
	put_le(w, len, 4);
	put_le(w, offset, 8);
	put_file_id(w, file);
	put_zeros(w, 17);
	netbios_close(w, start);
}

static inline void smb2_read_done(struct wire *w, uint64_t message, uint32_t tree, const void *data, uint32_t len)
{
	uint32_t start = smb2_open(w, 8, message, tree, true);
	put_le(w, 17, 2);
	put_le(w, 80, 2);
	put_le(w, len, 4);
	put_zeros(w, 8);
	put(w, data, len);
	netbios_close(w, start);
}

static inline void smb2_close(struct wire *w, uint64_t message, uint32_t tree, uint8_t file)
{
	uint32_t start = smb2_open(w, 6, message, tree, false);
	put_le(w, 24, 2);
	put_zeros(w, 6);
	put_file_id(w, file);
	netbios_close(w, start);
}

static inline void smb2_ioctl(
	struct wire *w, uint64_t message, uint32_t tree, uint8_t file, bool answer, const struct wire *data)
{
	uint32_t start = smb2_open(w, 11, message, tree, answer);
	put_le(w, answer ? 49 : 57, 4);
	put_le(w, 0x11c017, 4);
	put_file_id(w, file);
	put_le(w, answer ? 112 : 120, 4);
	put_le(w, answer ? 0 : data->len, 4);
	put_le(w, answer ? 112 : 0, 4);
	put_le(w, answer ? data->len : 0, 4);
	put_zeros(w, answer ? 8 : 16);
	put(w, data->data, data->len);
	netbios_close(w, start);
}

// DCE-RPC ----------------------------------------------------------------------------------------------------------------------------

static const uint8_t wire_uuid[16] = { 0xc8, 0x4f, 0x32, 0x4b, 0x70, 0x16, 0xd3, 0x01, 0x12, 0x78, 0x5a, 0x47, 0xbf,
	0x6e, 0xe1, 0x88 };
#define WIRE_UUID_TEXT "4b324fc8-1670-01d3-1278-5a47bf6ee188"

static inline uint32_t rpc_open(struct wire *w, uint8_t type, uint8_t flags, uint32_t call)
{
	uint32_t start = w->len;
	const uint8_t head[] = { 5, 0, type, flags, 0x10, 0, 0, 0 };
	put(w, head, sizeof head);
	put_le(w, 0, 4);
	put_le(w, call, 4);
	return start;
}

static inline void rpc_close(struct wire *w, uint32_t start)
{
	uint32_t len = w->len - start;
	w->data[start + 8] = (uint8_t)len;
	w->data[start + 9] = (uint8_t)(len >> 8);
}

static inline void rpc_bind(struct wire *w, uint32_t call, uint16_t context)
{
	uint32_t start = rpc_open(w, DCERPC_BIND, 3, call);
	put_zeros(w, 8);
	put_le(w, 1, 4);
	put_le(w, context, 2);
	put_le(w, 1, 2);
	put(w, wire_uuid, sizeof wire_uuid);
	put_le(w, 3, 4);
	put_zeros(w, 20);
	rpc_close(w, start);
}

static inline void rpc_bound(struct wire *w, uint32_t call, uint16_t result)
{
	uint32_t start = rpc_open(w, DCERPC_BINDACK, 3, call);
	put_zeros(w, 8);
	put_le(w, 4, 2);
	put(w, "135", 4);
	put_zeros(w, 2);
	put_le(w, 1, 4);
	put_le(w, result, 2);
	put_zeros(w, 22);
	rpc_close(w, start);
}

static inline void rpc_request(
	struct wire *w, uint32_t call, uint8_t flags, uint16_t context, uint16_t opnum, const char *stub)
{
	uint32_t start = rpc_open(w, DCERPC_REQUEST, flags, call);
	put_zeros(w, 4);
	put_le(w, context, 2);
	put_le(w, opnum, 2);
	put(w, stub, strlen(stub));
	rpc_close(w, start);
}

static inline void rpc_response(struct wire *w, uint32_t call, uint8_t flags, const char *stub)
{
	uint32_t start = rpc_open(w, DCERPC_RESPONSE, flags, call);
	put_zeros(w, 8);
	put(w, stub, strlen(stub));
	rpc_close(w, start);
}
