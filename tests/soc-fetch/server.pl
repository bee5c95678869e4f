#!/usr/bin/perl
# server.pl COMMAND... -- a loopback HTTP server that misbehaves on request.
#
# Runs COMMAND with SOC (the base URL), OTHER (that of another port, where
# the same is served) and DOCS (a new folder: files to serve, and "log": a
# line per connection and per request) in its environment, exits with its
# status, and ends with it.  The first word of the path says what to do; the
# query is ignored.  HOST is the address to listen at, 127.0.0.1 by default.
use strict;
use warnings;
use File::Temp qw(tempdir);
use IO::Select;
use IO::Socket::INET;
use Socket qw(SOL_SOCKET SO_LINGER);

my $docs = tempdir(CLEANUP => 0);
my ($listener, $second) = map { IO::Socket::INET->new(Listen => 64,
	LocalAddr => $ENV{HOST} // '127.0.0.1') or die "listen: $!" } 1, 2;
my ($base, $other) = map { 'http://127.0.0.1:' . $_->sockport }
	$listener, $second;

sub note {			# one atomic line in the log
	open(my $log, '>>', "$docs/log") or die;
	syswrite($log, join(' ', @_) . "\n");
}

sub file {
	my ($name) = @_;
	open(my $f, '<', "$docs/$name") or return undef;
	binmode $f;
	local $/;
	return scalar <$f>;
}

sub asked {			# how often a path was asked for until now
	my ($path) = @_;
	open(my $log, '<', "$docs/log") or return 0;
	return scalar grep { index($_, "GET $path ") == 0 } <$log>;
}

sub answer {
	my ($c, $status, $body, @headers) = @_;
	print $c join("\r\n", "HTTP/1.1 $status Because",
	    'Content-Length: ' . length $body, @headers, '', ''), $body;
	$c->flush;
}

my $html = '<html><body>The server is not well</body></html>';

sub ok {			# a file and its gzip, with the API's headers
	my ($c, $h, $name) = @_;
	my $etag = file("$name.etag") // '1285791231';
	chomp $etag;
	my @same = ("ETag: $etag", 'Cache-Control: max-age=900');
	if (($h->{'if-none-match'} // '') eq $etag) {
		print $c join("\r\n", 'HTTP/1.1 304 Same', @same, '', '');
		return $c->flush;
	}
	my $body = file("$name.gz");
	return answer($c, 404, $html) if !defined $body;
	answer($c, 200, $body, 'Content-Encoding: gzip',
	    'Content-Type: application/json',
	    'Last-Modified: Sat, 15 Nov 2025 20:00:00 GMT', @same);
}

sub robots {			# what robots or robots.other says: a status, text
	my ($c, $h) = @_;
	my $name = $h->{host} eq substr($base, 7) ? 'robots' : 'robots.other';
	my ($status, $text) = split /\n/, file($name) // "404\n", 2;
	return answer($c, $status, $html) if $status !~ /^[23]/;
	return answer($c, $status, '', "Location: $text") if $status =~ /^3/;
	answer($c, $status, $text);
}

my %do = (
	'robots.txt' => \&robots,
	# what was asked, as an answer
	echo => sub { answer($_[0], 200, "$_[1]{method} $_[1]{body}",
	    'Content-Type: text/plain') },
	# N/TO...: a redirect with that status, to the other port
	away => sub { my ($n, $to) = split m{/}, $_[2], 2;
	    answer($_[0], $n, '', "Location: $other/$to") },
	# HOST/PATH: a redirect there
	url => sub { answer($_[0], 302, '', "Location: http://$_[2]") },
	# a secret told to the world
	tell => sub { my $s = $_[1]{authorization} // '';
	    answer($_[0], 200, 'told', "ETag: $s", "Content-Type: x/$s") },
	lead => sub { my $s = $_[1]{authorization} // ''; $s =~ s/ /%20/g;
	    answer($_[0], 302, '', "Location: ftp://127.0.0.1/$s") },
	ok => \&ok,
	plain => sub { answer($_[0], 200, file($_[2]),
	    'Content-Type: application/json') },
	empty => sub { answer($_[0], 200, '') },
	status => sub { answer($_[0], $_[2], $html) },
	# N/NAME: N times 500, then the file
	flaky => sub {
		my ($n, $name) = split m{/}, $_[2], 2;
		return answer($_[0], 500, $html)
		    if asked("/flaky/$_[2]") <= $n;
		ok($_[0], $_[1], $name);
	},
	busy => sub {		# asks for a second's rest once
		return answer($_[0], 429, $html, 'Retry-After: 1')
		    if asked("/busy/$_[2]") <= 1;
		ok($_[0], $_[1], $_[2]);
	},
	# gzip that is cut or wrong, though its length is right
	cut => sub { answer($_[0], 200, substr(file("$_[2].gz"), 0, -9),
	    'Content-Encoding: gzip') },
	trailing => sub { answer($_[0], 200, file("$_[2].gz") . 'and more',
	    'Content-Encoding: gzip') },
	nogzip => sub { answer($_[0], 200, $html, 'Content-Encoding: gzip') },
	page => sub { answer($_[0], 200, "\n$html") },
	half => sub { answer($_[0], 200, '[{"a":1},{"a":') },
	brotli => sub { answer($_[0], 200, 'xxxx', 'Content-Encoding: br') },
	partial => sub { answer($_[0], 206, '[1', 'Content-Range: bytes 0-1/9') },
	nohttp => sub { print {$_[0]} "What do you want?\r\n"; 0 },
	# fewer bytes than announced
	short => sub { print {$_[0]} "HTTP/1.1 200 OK\r\n" .
	    "Content-Length: 100\r\n\r\n[1,2"; 0 },
	# N: a page with that status that has no end, or not all its bytes;
	# a header of N bytes
	page_endless => sub { print {$_[0]} "HTTP/1.1 $_[2] Because\r\n\r\n";
	    $_[0]->flush; 1 while syswrite($_[0], ' ' x 65536); 0 },
	page_short => sub { print {$_[0]} "HTTP/1.1 $_[2] Because\r\n" .
	    "Content-Length: 100\r\n\r\n<html>"; 0 },
	header => sub { answer($_[0], 200, '[]', 'X: ' . 'a' x $_[2]) },
	reset => sub { setsockopt($_[0], SOL_SOCKET, SO_LINGER,
	    pack('ii', 1, 0)); 0 },
	# a first byte, then nothing until the client goes away
	slow => sub { print {$_[0]} "HTTP/1.1 200 OK\r\n" .
	    "Content-Length: 100\r\n\r\n["; $_[0]->flush;
	    sysread($_[0], my $x, 1); 0 },
	# a byte at a time
	drip => sub { print {$_[0]} "HTTP/1.1 200 OK\r\n" .
	    "Content-Length: 100\r\n\r\n["; do { select undef, undef, undef,
	    0.02; print {$_[0]} '1'; } while $_[0]->flush; 0 },
	# the file, when somebody has made the file "go"
	held => sub { select undef, undef, undef, 0.02
	    until -e "$docs/go"; ok(@_) },
	# TO...: somewhere else on this server; ftp: another scheme;
	# nowhere: no URL at all
	moved => sub { answer($_[0], 302, '', "Location: /$_[2]") },
	loop => sub { answer($_[0], 302, '', 'Location: /loop/') },
	many => sub { answer($_[0], 302, '', 'Location: /many/' . ($_[2] + 1)) },
	nowhere => sub { answer($_[0], 302, '', 'Location: http://[::x/') },
	ftp => sub { answer($_[0], 302, '', 'Location: ftp://127.0.0.1/x') },
);

sub serve {			# one connection, as long as it is kept
	my ($c) = @_;
	$c->autoflush(0);
	local $SIG{PIPE} = 'IGNORE';
	binmode $c;
	note('connection');
	while (my $line = <$c>) {
		my ($method, $path) =
		    $line =~ m{^([A-Z]+) (\S+) HTTP/1\.1\r?$} or last;
		my (%h, @h);
		while (my $field = <$c>) {
			$field =~ s/\r?\n$//;
			last if $field eq '';
			push @h, $field;
			$h{lc $1} = $2 if $field =~ /^(\S+):\s*(.*)$/;
		}
		@h{qw(method body)} = ($method, '');
		read $c, $h{body}, $h{'content-length'} // 0;
		$path =~ s/\?.*//;
		note("$method $path", join('|', '', @h));
		my ($what, $arg) = $path =~ m{^/([^/]*)/?(.*)};
		my $do = $do{$what} // sub { answer($_[0], 404, $html) };
		last if !$do->($c, \%h, $arg);
	}
	close $c;
}

my $command = fork // die;
if ($command == 0) {
	close $_ for $listener, $second;
	@ENV{qw(SOC OTHER)} = ($base, $other);
	$ENV{DOCS} = $docs;
	exec @ARGV or die "$ARGV[0]: $!";
}
my %serving;
$SIG{INT} = $SIG{TERM} = sub { kill $_[0], $command };
$SIG{CHLD} = sub { };		# wakes accept
my $both = IO::Select->new($listener, $second);
for (;;) {
	for my $ready ($both->can_read(1)) {
		my $c = $ready->accept or next;
		my $pid = fork // die;
		if ($pid == 0) {
			close $_ for $listener, $second;
			$SIG{$_} = 'DEFAULT' for qw(INT TERM CHLD);
			serve($c);
			exit 0;
		}
		$serving{$pid} = 1;
		close $c;
	}
	while ((my $pid = waitpid -1, 1) > 0) {
		my $status = $?;
		delete $serving{$pid};
		next if $pid != $command;
		kill 'KILL', keys %serving;
		system 'rm', '-rf', $docs;
		exit($status & 127 ? 128 + ($status & 127) : $status >> 8);
	}
}
