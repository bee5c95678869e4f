#!/usr/bin/perl
# raw.pl -- what no polite client sends to the server at $API.
#
#	raw.pl send BYTES [BYTES...]	each a moment after the one before; the
#					status of every answer
#	raw.pl drip			headers without an end, a byte at a time,
#					until we are cut off: "cut"
#	raw.pl idle N			N connections that say nothing, and which
#					of them are "open" or "closed" then
use strict;
use warnings;
use IO::Socket::INET;
use IO::Select;
use Time::HiRes qw(sleep time);

$SIG{PIPE} = 'IGNORE';
$SIG{ALRM} = sub { print "hangs\n"; exit 1 };
alarm 30;
my ($where) = $ENV{API} =~ m{//(.*)};

sub dial { IO::Socket::INET->new(PeerAddr => $where) or die "$where: $!" }

sub gone {		# does it end within so many seconds?
	my ($s, $wait) = @_;
	my $until = time + $wait;
	while ((my $left = $until - time) > 0) {
		next unless IO::Select->new($s)->can_read($left);
		my $n = sysread $s, my $buf, 65536;
		return 1 if !$n;
	}
	return 0;
}

my ($what, @args) = @ARGV;
if ($what eq 'send') {
	my $s = dial();
	for (@args) {
		s/\\r/\r/g; s/\\n/\n/g; s/\\x([0-9a-f]{2})/chr hex $1/ge;
		syswrite $s, $_;
		sleep 0.05;
	}
	shutdown $s, 1;
	local $/;
	my $all = <$s> // '';
	my @status = $all =~ m{^HTTP/1\.1 (\d+)}mg;
	print "@status\n";
} elsif ($what eq 'drip') {
	my $s = dial();
	syswrite $s, "GET /healthz HTTP/1.1\r\nHost: x\r\nX: ";
	while (1) {
		last unless syswrite $s, 'x';
		last if gone($s, 0.02);
	}
	print "cut\n";
} elsif ($what eq 'idle') {
	my @all = map { dial() } 1 .. $args[0];
	sleep 0.2;
	print join(' ', map { gone($_, 0.01) ? 'closed' : 'open' } @all), "\n";
}
