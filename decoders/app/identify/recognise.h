// SPDX-License-Identifier: GPL-3.0-or-later
// Recognisers: probes that parsers name as theirs, and those of protocols that no parser of ours reads, so that flows and rules have the name
// (recognisers.c lists the latter).
//
// Threads      pure functions over borrowed bytes
#pragma once
#include "decoders/app/app_parser.h"

typedef enum app_probe app_recogniser(enum direction direction, struct span data, const struct flow *flow);

app_recogniser recognise_ftp, recognise_smtp, recognise_pop3, recognise_imap, recognise_irc, recognise_jabber,
	recognise_sip, recognise_rfb, recognise_bittorrent_dht;                  // recognise_text.c
app_recogniser recognise_smb, recognise_dcerpc, recognise_rdp, recognise_telnet; // recognise_binary.c
app_recogniser recognise_krb5, recognise_snmp, recognise_ldap, recognise_ntp, recognise_dhcp,
	recognise_tftp; // recognise_hinted.c
