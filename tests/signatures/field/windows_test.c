// SPDX-License-Identifier: GPL-3.0-or-later
// What rules ask of SMB, DCE-RPC and Kerberos: keywords with a language of their own, and buffers by direction.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "decoders/app/dcerpc/dcerpc.h"
#include "decoders/app/krb5/krb5.h"
#include "decoders/app/smb/smb.h"
#include "signatures/field/field.h"

#define UUID "4b324fc8-1670-01d3-1278-5a47bf6ee188"

static const uint8_t uuid[16] = { 0x4b, 0x32, 0x4f, 0xc8, 0x16, 0x70, 0x01, 0xd3, 0x12, 0x78, 0x5a, 0x47, 0xbf, 0x6e,
	0xe1, 0x88 };

static bool parses(const char *keyword, const char *argument)
{
	_Alignas(16) uint8_t data[FIELD_TEST_BYTES] = { 0 };
	return field_test_find(keyword)->parse(argument, data) == NULL;
}

static bool matches(const char *keyword, const char *argument, const struct flow *flow, const struct app_tx *tx)
{
	_Alignas(16) uint8_t data[FIELD_TEST_BYTES] = { 0 };
	const struct field_test *test = field_test_find(keyword);
	assert_non_null(test);
	assert_null(test->parse(argument, data));
	struct field_source source = { .flow = flow, .tx = tx, .direction = TO_SERVER };
	for (unsigned i = 0; test->readers[i].match; i++)
		if (test->readers[i].proto == flow->app.proto && test->readers[i].direction == TO_SERVER)
			return test->readers[i].match(&source, data);
	fail();
	return false;
}

static struct dcerpc_call request(void)
{
	struct dcerpc_call call = { .has_request = true,
		.request = DCERPC_REQUEST,
		.opnum = 12,
		.has_interface = true,
		.interface = { .version = 3, .acked = true } };
	memcpy(call.interface.uuid, uuid, sizeof uuid);
	return call;
}

static void test_interface_and_operation(void **state)
{
	(void)state;
	struct dcerpc_tx tx = { .call = request() };
	struct smb_tx smb = { .kind = SMB_RPC, .call = request() };
	struct flow rpc = { .app = { .proto = APP_DCERPC } }, pipe = { .app = { .proto = APP_SMB } };
	assert_true(matches("dcerpc.iface", UUID, &rpc, &tx.tx));
	assert_true(matches("dce_iface", UUID, &pipe, &smb.tx));
	assert_true(matches("dcerpc.iface", UUID ",=3", &rpc, &tx.tx));
	assert_true(matches("dcerpc.iface", UUID ", >2, any_frag", &rpc, &tx.tx));
	assert_true(matches("dcerpc.iface", UUID ",!4", &rpc, &tx.tx));
	assert_false(matches("dcerpc.iface", UUID ",<3", &rpc, &tx.tx));
	assert_true(matches("dcerpc.opnum", "1,10-12", &rpc, &tx.tx));
	assert_true(matches("dce_opnum", "12", &pipe, &smb.tx));
	assert_false(matches("dcerpc.opnum", "1-11,13", &rpc, &tx.tx));
	tx.call.interface.result = 2; // refused
	assert_false(matches("dcerpc.iface", UUID, &rpc, &tx.tx));
	tx.call.request = DCERPC_BIND;
	assert_false(matches("dcerpc.opnum", "12", &rpc, &tx.tx));
	smb.kind = SMB_IOCTL;
	assert_false(matches("dcerpc.opnum", "12", &pipe, &smb.tx));
}

static void test_arguments_that_are_refused(void **state)
{
	(void)state;
	static const char *const interfaces[] = { "", "4b324fc8", UUID ",3", UUID ",=x", UUID ",any_frag,=1",
		UUID ",=1,=2", "4b324fc8-1670-01d3-1278-5a47bf6ee18g", "4b324fc8x1670-01d3-1278-5a47bf6ee188" };
	for (unsigned i = 0; i < sizeof interfaces / sizeof *interfaces; i++)
		assert_false(parses("dcerpc.iface", interfaces[i]));
	static const char *const opnums[] = { "", "x", "1,,2", "70000", "5-3", "1-", "-1" };
	for (unsigned i = 0; i < sizeof opnums / sizeof *opnums; i++)
		assert_false(parses("dcerpc.opnum", opnums[i]));
	static const char *const etypes[] = { "", "rot13", "weak,", "99999999999" };
	for (unsigned i = 0; i < sizeof etypes / sizeof *etypes; i++)
		assert_false(parses("krb5.ticket_encryption", etypes[i]));
}

static void test_encryption_of_a_ticket(void **state)
{
	(void)state;
	struct krb5_tx tx = { .has_ticket_etype = true, .ticket_etype = 23 };
	struct flow flow = { .app = { .proto = APP_KRB5 } };
	assert_true(matches("krb5.ticket_encryption", "weak", &flow, &tx.tx));
	assert_false(matches("krb5.ticket_encryption", "!weak", &flow, &tx.tx));
	assert_true(matches("krb5.ticket_encryption", "18, rc4-hmac", &flow, &tx.tx));
	assert_false(matches("krb5.ticket_encryption", "!23", &flow, &tx.tx));
	assert_true(matches("krb5.ticket_encryption", "!aes256-cts-hmac-sha1-96", &flow, &tx.tx));
	tx.ticket_etype = -133;
	assert_true(matches("krb5.ticket_encryption", "-133", &flow, &tx.tx));
	tx.has_ticket_etype = false;
	assert_false(matches("krb5.ticket_encryption", "!23", &flow, &tx.tx));
}

static bool reads(const char *keyword, const struct app_tx *tx, unsigned index, const char *want)
{
	const struct field_buffer *buffer = field_buffer_find(keyword);
	struct flow flow = { .app = { .proto = (uint8_t)buffer->readers[0].proto } };
	struct field_source source = { .flow = &flow, .tx = tx, .direction = buffer->readers[0].direction };
	struct field_value value;
	return buffer->readers[0].get(&source, index, &value) && span_is(value.data, want);
}

static void test_names_are_read_where_they_are(void **state)
{
	(void)state;
	uint8_t share[] = "\\\\a\\IPC$", parts[] = "krbtgt\0LAN";
	struct smb_tx tree = { .kind = SMB_TREE_CONNECT, .name = { share, 8, 8 } };
	assert_true(reads("smb.share", &tree.tx, 0, "\\\\a\\IPC$"));
	assert_false(reads("smb_named_pipe", &tree.tx, 0, "\\\\a\\IPC$"));
	tree.connect.is_pipe = true;
	assert_true(reads("smb.named_pipe", &tree.tx, 0, "\\\\a\\IPC$"));
	assert_false(reads("smb.named_pipe", &tree.tx, 1, "\\\\a\\IPC$"));
	struct smb_tx setup = { .kind = SMB_SESSION_SETUP };
	assert_false(reads("smb.ntlmssp_user", &setup.tx, 0, ""));
	setup.setup.has_ntlmssp = true;
	setup.setup.user = (struct bytes) { share, 3, 3 };
	assert_true(reads("smb.ntlmssp_user", &setup.tx, 0, "\\\\a"));
	struct krb5_tx krb5 = { .sname_parts = { parts, sizeof parts, sizeof parts } };
	assert_true(reads("krb5.sname", &krb5.tx, 0, "krbtgt"));
	assert_true(reads("krb5_sname", &krb5.tx, 1, "LAN"));
	assert_false(reads("krb5.sname", &krb5.tx, 2, ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_interface_and_operation),
		cmocka_unit_test(test_arguments_that_are_refused),
		cmocka_unit_test(test_encryption_of_a_ticket),
		cmocka_unit_test(test_names_are_read_where_they_are),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
