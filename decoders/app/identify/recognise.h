// SPDX-License-Identifier: GPL-3.0-or-later
// Recognisers: probes of protocols that no parser of ours reads yet, so that flows and rules have the name. A protocol's parser, once it
// exists, brings its own probe, and its recogniser is then not asked.
//
// Threads      pure functions over borrowed bytes
#pragma once
#include "decoders/app/app_parser.h"

typedef enum app_probe app_recogniser(enum direction direction, struct span data, const struct flow *flow);

app_recogniser recognise_ssh, recognise_ftp, recognise_smtp, recognise_pop3, recognise_imap, recognise_irc,
	recognise_jabber, recognise_sip, recognise_rfb, recognise_http2, recognise_bittorrent_dht; // recognise_text.c
app_recogniser recognise_smb, recognise_dcerpc, recognise_rdp, recognise_quic,
	recognise_telnet; // recognise_binary.c
app_recogniser recognise_krb5, recognise_snmp, recognise_ldap, recognise_ntp, recognise_dhcp, recognise_tftp,
	recognise_modbus; // recognise_hinted.c
