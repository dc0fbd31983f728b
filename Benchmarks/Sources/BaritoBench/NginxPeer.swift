/// nginx as a front door to Kafka: Lua reads the body, a line a record, and answers when Kafka has acknowledged them all.
///
/// Connections and metadata are lua-resty-kafka's. Its own producer speaks a protocol that Kafka 4 no longer takes, and
/// sends one record at a time when it waits; so each request is made one record batch here, with which it does better
/// than it could. It checks neither JSON nor a secret, stamps nothing, and does not compress.
struct NginxPeer {
  let port: Int
  /// `host:port`
  let broker: String
  let topic: String

  static let program = "/usr/sbin/nginx"
  static let modules = "/usr/lib/nginx/modules"
  /// Without these it cannot run.
  static let files = [program, "\(modules)/ngx_http_lua_module.so", "/usr/share/lua/5.1/nginx/kafka/client.lua"]

  /// - Parameter folder: where its temporary files may be.
  func configuration(folder: String) -> String {
    let first = broker.split(separator: ",").first ?? ""
    let host = first.split(separator: ":").first ?? ""
    let brokerPort = first.split(separator: ":").last ?? ""
    return #"""
      daemon off;
      worker_processes 2;
      pid \#(folder)/nginx.pid;
      error_log stderr warn;
      load_module \#(NginxPeer.modules)/ndk_http_module.so;
      load_module \#(NginxPeer.modules)/ngx_http_lua_module.so;
      events { worker_connections 1024; }
      http {
        access_log off;
        keepalive_requests 100000000;
        client_max_body_size 20m;
        client_body_buffer_size 4m;
        client_body_temp_path \#(folder)/body;
        proxy_temp_path \#(folder)/proxy;
        fastcgi_temp_path \#(folder)/fastcgi;
        uwsgi_temp_path \#(folder)/uwsgi;
        scgi_temp_path \#(folder)/scgi;
        init_by_lua_block {
          local bit, ffi = require "bit", require "ffi"
          local band, bor, bxor, rshift, lshift, char = bit.band, bit.bor, bit.bxor, bit.rshift, bit.lshift, string.char
          local client = require "nginx.kafka.client"
          local broker = require "nginx.kafka.broker"
          local request = require "nginx.kafka.request"

          local castagnoli = ffi.new("int32_t[256]")
          for i = 0, 255 do
            local c = i
            for _ = 1, 8 do c = band(c, 1) == 1 and bxor(rshift(c, 1), 0x82F63B78) or rshift(c, 1) end
            castagnoli[i] = c
          end
          local function crc32c(text)
            local bytes, crc = ffi.cast("const uint8_t *", text), -1
            for i = 0, #text - 1 do crc = bxor(castagnoli[band(bxor(crc, bytes[i]), 0xff)], rshift(crc, 8)) end
            return bit.bnot(crc)
          end
          local function int32(n)
            return char(band(rshift(n, 24), 255), band(rshift(n, 16), 255), band(rshift(n, 8), 255), band(n, 255))
          end
          local function int64(n) return int32(math.floor(n / 4294967296)) .. int32(n % 4294967296) end
          -- Of a number that is not negative: zigzag doubles it.
          local function varint(n)
            n = n * 2
            local text = ""
            while n > 127 do text, n = text .. char(bor(band(n, 127), 128)), rshift(n, 7) end
            return text .. char(n)
          end
          local function record_batch(body)
            local records, count, at = {}, 0, 0
            for line in string.gmatch(body, "[^\n]+") do
              local head = "\0\0" .. varint(count) .. "\1" .. varint(#line)
              records[at + 1] = varint(#head + #line + 1)
              records[at + 2] = head
              records[at + 3] = line
              records[at + 4] = "\0"
              count, at = count + 1, at + 4
            end
            local now = int64(ngx.now() * 1000)
            local rest = "\0\0" .. int32(count - 1) .. now .. now .. string.rep("\255", 14) .. int32(count)
              .. table.concat(records)
            return string.rep("\0", 8) .. int32(#rest + 9) .. "\255\255\255\255\2" .. int32(crc32c(rest)) .. rest
          end

          local kafka, turn = nil, 0
          function produce()
            ngx.req.read_body()
            local topic = ngx.var.topic
            kafka = kafka
              or client:new({ { host = "\#(host)", port = \#(brokerPort) } }, { keepalive_size = 512, socket_timeout = 10000 })
            local brokers, partitions = kafka:fetch_metadata(topic)
            if not brokers then return ngx.exit(503) end
            turn = (turn + 1) % partitions.num
            local leader = brokers[partitions[turn].leader]
            local batch = record_batch(ngx.req.get_body_data())
            local req = request:new(0, turn, "nginx", 3)
            req:int16(-1)
            req:int16(-1)
            req:int32(10000)
            req:int32(1)
            req:string(topic)
            req:int32(1)
            req:int32(turn)
            req:bytes(batch)
            local connection = broker:new(leader.host, leader.port, kafka.socket_config)
            local answer, err = connection:send_receive(req)
            if not answer then ngx.log(ngx.ERR, "kafka: ", err) return ngx.exit(503) end
            answer:int32() answer:string() answer:int32() answer:int32()
            local code = answer:int16()
            if code ~= 0 then ngx.log(ngx.ERR, "kafka: error ", code) return ngx.exit(503) end
            ngx.header["Content-Length"] = 3
            ngx.print("ok\n")
          end
        }
        server {
          listen 127.0.0.1:\#(port);
          location / { set $topic "\#(topic)"; content_by_lua_block { produce() } }
        }
      }

      """#
  }
}
