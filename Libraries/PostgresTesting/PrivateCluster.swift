import Glibc
import Postgres

/// A PostgreSQL server of this process alone, on a socket in a new directory under `/tmp`.
///
/// A shell supervises it and reads a pipe that only this process writes to: when the process ends, however it ends,
/// the kernel closes the pipe, the shell stops the server by its pid and removes the directory.
enum PrivateCluster {
  /// Starts the server and waits until it accepts connections.
  /// - Returns: the URL of the superuser.
  /// - Throws: `ClusterError` with the server's own words when it does not start.
  static func start() async throws -> String {
    let directory = "/tmp/barito-postgres-\(getpid())-\(String(UInt32.random(in: 0 ... .max), radix: 16))"
    // "e" closes the pipe on exec, so that no other child of this process keeps the server alive. It is never closed.
    guard popen(script(directory), "we") != nil else {
      throw ClusterError(description: "cannot start a shell for PostgreSQL: \(String(cString: strerror(errno)))")
    }
    let url = "postgresql:///postgres?host=\(directory)&user=postgres"
    var configuration = PostgresConfiguration(url: url)
    configuration.connectTimeout = .seconds(1)
    let deadline = ContinuousClock.now + .seconds(60)
    while true {
      do throws(PostgresError) {
        await (try PostgresConnection.connect(configuration)).close()
        return url
      } catch {
        if let failure = contents(of: directory + ".failed") {
          unlink(directory + ".failed")
          throw ClusterError(description: "the private PostgreSQL did not start: \(failure)")
        }
        guard ContinuousClock.now < deadline else { throw error }
        try await Task.sleep(for: .milliseconds(20))
      }
    }
  }

  /// The server drops root's rights, because it refuses to run with them, and keeps nothing safe, because it need not.
  private static func script(_ directory: String) -> String {
    """
    umask 077; exec >/dev/null 2>&1; trap '' INT TERM HUP
    dir=\(directory)
    fail() { echo "$1" >$dir.failing; mv $dir.failing $dir.failed; rm -rf $dir; exit 1; }
    bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
    [ -x "$bin/initdb" ] || bin=$(dirname "$(command -v initdb)")
    [ -x "$bin/initdb" ] || fail 'no initdb found: install postgresql, or set BARITO_TEST_POSTGRES to a superuser URL'
    mkdir $dir || fail "cannot make $dir"
    as=
    if [ "$(id -u)" = 0 ]; then
      user=postgres; id $user || user=nobody
      as="setpriv --reuid=$(id -u $user) --regid=$(id -g $user) --clear-groups"
      chown $user $dir
    fi
    cd $dir
    $as "$bin/initdb" -D $dir/data -U postgres -A trust -E UTF8 --locale=C --no-sync --no-instructions >$dir/log 2>&1 \
      </dev/null || fail "$(tail -n 5 $dir/log)"
    $as "$bin/postgres" -D $dir/data -k $dir -h '' -F -c synchronous_commit=off -c full_page_writes=off \
      -c wal_level=minimal -c max_wal_senders=0 -c max_connections=200 -c shared_buffers=32MB -c jit=off \
      -c autovacuum=off -c max_wal_size=4GB -c log_min_messages=fatal >>$dir/log 2>&1 </dev/null &
    pid=$!
    sh -c 'while read -r line; do :; done'
    kill -QUIT $pid; wait $pid
    rm -rf $dir
    """
  }

  private static func contents(of path: String) -> String? {
    guard let file = fopen(path, "re") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes[..<count], as: UTF8.self)
  }
}

/// Why there is no server to test with.
struct ClusterError: Error, CustomStringConvertible {
  let description: String
}
