# frozen_string_literal: true

require 'json'
require 'socket'

module Fluent
  module Plugin
    module Barito
      # A record as Barito's first plugin wrote it, as JSON.
      #
      # The same record always gives the same bytes: nothing here asks for the time.
      class Timber
        MESSAGE = 'message'
        DOCKER_MESSAGE = 'log'
        KUBERNETES = %w[kubernetes docker].freeze
        NO_MESSAGE = 'no message'
        REPLACEMENT = "\uFFFD"

        # json:: of the timber but for its client_trail, which says how and from where it was sent.
        Encoded = Struct.new(:json, :kubernetes, :hints)

        # kubernetes:: true or false as the first plugin's types said it, nil to see it by the record.
        # keep_fields:: whether the record's other fields are kept; the first plugin dropped them.
        def initialize(kubernetes: nil, keep_fields: true, cluster_name: nil)
          @kubernetes = kubernetes
          @keep_fields = keep_fields
          @cluster_name = Timber.text(cluster_name) unless cluster_name.to_s.empty?
        end

        # time:: an Integer, Fluent::EventTime or anything that Time.at takes.
        def encode(tag, time, record)
          record = { MESSAGE => record } unless record.is_a?(Hash)
          pod = record['kubernetes'] if record['kubernetes'].is_a?(Hash)
          kubernetes = @kubernetes.nil? ? !pod.nil? : @kubernetes
          key, text, unpacked = message(record)
          fields = @keep_fields ? kept(record, key, kubernetes) : {}
          fields.merge!(unpacked)
          fields.delete('client_trail')
          fields['tag'] = Timber.text(tag.to_s)
          fields['@message'] = text
          fields['@timestamp'] = Timber.timestamp(time)
          fields['k8s_metadata'] = pod_fields(pod) if kubernetes
          Encoded.new(JSON.generate(fields, max_nesting: 0), kubernetes, key ? [] : [NO_MESSAGE])
        end

        # RFC 3339 in UTC, to the millisecond.
        def self.timestamp(time)
          moment = time.respond_to?(:nsec) ? Time.at(time.to_i, time.nsec, :nanosecond) : Time.at(time)
          moment.utc.strftime('%Y-%m-%dT%H:%M:%S.%LZ')
        end

        # What JSON can say: text in UTF-8, numbers that are numbers. Nothing is dropped: bytes that are no text become
        # U+FFFD, and what JSON has no word for becomes text.
        def self.plain(value)
          case value
          when String then text(value)
          when Hash then value.each_with_object({}) { |(key, item), plain| plain[text(key.to_s)] = plain(item) }
          when Array then value.map { |item| plain(item) }
          when Integer, true, false, nil then value
          when Float then value.finite? ? value : value.to_s
          else text(value.to_s)
          end
        end

        def self.text(string)
          string =
            case string.encoding
            when Encoding::UTF_8 then string
            when Encoding::BINARY, Encoding::US_ASCII then string.dup.force_encoding(Encoding::UTF_8)
            else string.encode(Encoding::UTF_8, invalid: :replace, undef: :replace, replace: REPLACEMENT)
            end
          string.valid_encoding? ? string : string.scrub(REPLACEMENT)
        end

        private

        # The field that holds the line, the line, and what is in it if it is a JSON object.
        def message(record)
          [MESSAGE, DOCKER_MESSAGE].each do |key|
            value = record[key]
            next if value.nil? || (value.respond_to?(:empty?) && value.empty?)

            plain = Timber.plain(value)
            case plain
            when String
              plain = plain.chomp if key == DOCKER_MESSAGE
              return [key, plain, unpacked(plain)] unless plain.empty?
            when Hash then return [key, JSON.generate(plain, max_nesting: 0), plain]
            else return [key, JSON.generate(plain, max_nesting: 0), {}]
            end
          end
          [nil, JSON.generate(Timber.plain(record), max_nesting: 0), {}]
        end

        def unpacked(text)
          return {} unless text.match?(/\A\s*\{/)

          parsed = JSON.parse(text)
          parsed.is_a?(Hash) ? Timber.plain(parsed) : {}
        rescue JSON::ParserError
          # No JSON after all: the line stays whole in @message.
          {}
        end

        def kept(record, message_key, kubernetes)
          fields = record.reject { |key, _| key == message_key || (kubernetes && KUBERNETES.include?(key)) }
          Timber.plain(fields)
        end

        def pod_fields(pod)
          fields = {}
          %w[pod_name namespace_name container_name host].each do |key|
            fields[key] = Timber.plain(pod[key]) if pod && pod[key]
          end
          fields['cluster_name'] = @cluster_name if @cluster_name
          fields
        end
      end

      # The client_trail of a chunk's timbers: how and from where they are sent. Its time is the chunk's, so that every
      # try sends the same.
      class Trail
        def initialize(sent_at, labels: {}, hostname: Socket.gethostname)
          @sent_at = sent_at
          @labels = Timber.plain(labels)
          @hostname = Timber.text(hostname)
          @known = {}
        end

        # The whole timber as JSON.
        def complete(encoded)
          trail = @known[[encoded.kubernetes, encoded.hints]] ||= JSON.generate(
            { 'is_k8s' => encoded.kubernetes, 'sent_at' => @sent_at, 'hints' => encoded.hints,
              'hostname' => @hostname }.merge(@labels)
          )
          "#{encoded.json[0..-2]},\"client_trail\":#{trail}}"
        end
      end
    end
  end
end
