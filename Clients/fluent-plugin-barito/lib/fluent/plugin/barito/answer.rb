# frozen_string_literal: true

require 'json'
require 'time'
require_relative 'endpoint'

module Fluent
  module Plugin
    module Barito
      # What a server's answer means for the lines of a batch.
      #
      # kind:: :delivered; :retry (nothing is wrong with the lines); :split (too much at once); :refused (never).
      # detail:: for people.
      # wait:: seconds that the server asks for, nil where it does not.
      Answer = Struct.new(:kind, :status, :detail, :wait) do
        # The longest time that a server can make us wait, in seconds.
        const_set(:LONGEST_WAIT, 60)

        # status:: of HTTP.
        # headers:: by name in lower case.
        def self.of(status, headers, body, now: Time.now)
          new(kind_of(status), status, detail_of(status, headers, body), wait_of(headers['retry-after'], now))
        end

        def self.kind_of(status)
          case status
          when 200..299 then :delivered
          when 413 then :split
          # The body itself is at fault. Everything else can be mended outside of it: a secret, a switched-off app, a
          # wrong URL, a limit, a server. Lines are not given up for those.
          when 400, 422 then :refused
          else :retry
          end
        end

        def self.detail_of(status, headers, body)
          case status
          when 200..299 then nil
          when 300..399
            "it redirects to #{Endpoint.shown(headers['location'])}, which is not followed because the secret would " \
            'go there too: set produce_url to the right place'
          else
            problem(body) || hint(status) || body.to_s[0, 200].scrub('?').gsub(/[[:cntrl:]]+/, ' ').strip
          end
        end

        # RFC 9457.
        def self.problem(body)
          parsed = JSON.parse(body.to_s)
          return unless parsed.is_a?(Hash) && parsed['detail'].is_a?(String)

          code = "#{parsed['code']}: " if parsed['code'].is_a?(String)
          "#{code}#{parsed['detail']}"[0, 1000].gsub(/[[:cntrl:]]+/, ' ')
        rescue JSON::ParserError, EncodingError
          nil
        end

        def self.hint(status)
          case status
          when 401, 403 then 'the secret is not accepted: look at the application secret, and at the app in Market'
          when 404, 405 then 'there is no such place: look at produce_url'
          end
        end

        def self.wait_of(header, now)
          return if header.nil? || header.empty?

          seconds = header.match?(/\A\d{1,9}\z/) ? header.to_i : Time.httpdate(header) - now
          seconds.clamp(0, self::LONGEST_WAIT)
        rescue ArgumentError
          nil
        end

        private_class_method :kind_of, :detail_of, :problem, :hint, :wait_of
      end
    end
  end
end
