#!/usr/bin/perl
# swaps.pl -- let ROOT/current point elsewhere, again and again, while others
# read from the server at $API all the time.
#
# usage: swaps.pl ROOT SWAPS READERS ID...
#
# Every answer must be whole, of status 200, and of one snapshot: what its
# header says, what it says of itself, and what is in it, which is the part of
# the ID before "-".  Each swap is waited for, so that none is passed over.
use strict;
use warnings;
use Errno;
use IO::Socket::INET;

my ($root, $swaps, $readers, @ids) = @ARGV;
my ($where) = $ENV{API} =~ m{//(.*)};
my $buf = '';

sub dial {
	$buf = '';
	return IO::Socket::INET->new(PeerAddr => $where) || die "$where: $!";
}

sub ask {		# ask SOCKET PATH : its status, headers and body
	my ($s, $path) = @_;
	syswrite $s, "GET $path HTTP/1.1\r\nHost: x\r\n\r\n";
	my ($head, $n);
	while (1) {
		if (!defined $head && $buf =~ s/^(.*?\r\n)\r\n//s) {
			$head = $1;
			($n) = $head =~ /^Content-Length: (\d+)/mi or return;
		}
		last if defined $head && length $buf >= $n;
		# To be told to stop is no end of the answer.
		my $got = sysread $s, $buf, 65536, length $buf;
		return unless $got || (!defined $got && $!{EINTR});
	}
	return ($head =~ m{^HTTP/1\.1 (\d+)}, $head,
	    substr $buf, 0, $n, '');
}

sub reader {		# until we are told to stop: how many, and the worst
	my ($out, $stop, $wrong) = (shift, 0, '');
	$SIG{TERM} = sub { $stop = 1 };
	my ($s, $n, $bad) = (dial(), 0, 0);
	until ($stop) {
		my ($status, $head, $body) = ask($s, '/things');
		$n++;
		my ($named) = ($head // '') =~ /^X-Snapshot: (\S+)/mi;
		my ($own) = ($body // '') =~ /"snapshot":"([^"]*)"/;
		my %rows = map { $_ => 1 } ($body // '') =~ /"name":"([^"]*)"/g;
		my ($of) = ($named // '') =~ /^([^-]*)/;
		next if ($status // 0) == 200 && $named eq $own &&
		    join(' ', keys %rows) eq $of;
		$bad++;
		$wrong = join ' ', map { $_ // '-' } $status, $named, $own,
		    keys %rows;
		$s = dial() unless defined $status;
	}
	print $out "$n $bad $wrong\n";
	close $out;
	exit 0;
}

my (@pids, @pipes);
for (1 .. $readers) {
	pipe my $in, my $out or die;
	my $pid = fork // die;
	reader($out) unless $pid;
	push @pids, $pid;
	push @pipes, $in;
	close $out;
}
my $s = dial();
for my $i (1 .. $swaps) {
	my $id = $ids[$i % @ids];
	symlink $id, "$root/.next" or die "$root/.next: $!";
	rename "$root/.next", "$root/current" or die "$root/current: $!";
	while (1) {
		my ($status, $head, $body) = ask($s, '/healthz');
		die "healthz: no answer" unless $status == 200;
		last if $body =~ /"snapshot":"\Q$id\E"/;
		select undef, undef, undef, 0.005;
	}
}
kill TERM => @pids;
my ($n, $bad, $wrong) = (0, 0, '');
for (@pipes) {
	my ($of, $bad_ones, $why) = split / /, <$_>, 3;
	$n += $of;
	$bad += $bad_ones;
	$wrong .= $why if $bad_ones;
}
print STDERR "$swaps swaps, $n answers\n$wrong";
print $n > 10 * $readers ? 'many' : "only $n", " answers, $bad wrong\n";
