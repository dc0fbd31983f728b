# frozen_string_literal: true

require 'fluent/plugin/output'
require_relative 'barito/courier'
require_relative 'barito/batch_name'
require_relative 'barito/destinations'

module Fluent
  module Plugin
    # Sends lines to Barito. What it decides is in barito/, which knows nothing of fluentd.
    class BaritoOutput < Output
      Fluent::Plugin.register_output('barito', self)

      helpers :compat_parameters

      desc "The app's secret."
      config_param :application_secret, :string, default: nil, secret: true
      desc "A file that holds the app's secret; read again when it has changed."
      config_param :application_secret_file, :string, default: nil
      desc "The app group's secret, with application_name or application_name_format."
      config_param :application_group_secret, :string, default: nil, secret: true
      desc "A file that holds the app group's secret; read again when it has changed."
      config_param :application_group_secret_file, :string, default: nil
      desc "The app's name, beside a group's secret."
      config_param :application_name, :string, default: nil
      desc 'The app\'s name made of each record: ${record["kubernetes"]["labels"]["app"]}.'
      config_param :application_name_format, :string, default: nil
      desc 'Where lines are sent to, such as https://router.example.com/produce_batch.'
      config_param :produce_url, :string, default: nil
      desc "Take secret, name and URL from the pod's annotations; application_* and produce_url are for pods without."
      config_param :pod_annotations, :bool, default: false
      desc 'Name of the Kubernetes cluster, for k8s_metadata.'
      config_param :cluster_name, :string, default: ''
      desc 'Goes into the client_trail of every line.'
      config_param :additional_labels, :hash, default: {}
      desc 'Whether the lines come from Kubernetes; without it each record shows.'
      config_param :kubernetes, :bool, default: nil
      desc "Whether a record's fields beside its message are kept."
      config_param :keep_fields, :bool, default: true
      desc 'Compress what is sent.'
      config_param :gzip, :bool, default: true
      desc 'The most lines of one request.'
      config_param :max_request_lines, :integer, default: 10_000
      desc 'The most bytes of one request before compression.'
      config_param :max_request_bytes, :size, default: 8 * 1024 * 1024
      desc 'Give lines whose app is refused (401, 403, 404) to <secondary> or backup after this time; never by default.'
      config_param :give_up_refused_after, :time, default: nil
      desc 'Seconds to wait for a connection.'
      config_param :open_timeout, :time, default: 10
      desc 'Seconds to wait for an answer.'
      config_param :read_timeout, :time, default: 30
      desc 'Seconds that an idle connection is kept.'
      config_param :keep_alive, :time, default: 30
      desc 'The authorities that the server\'s certificate is checked with.'
      config_param :tls_ca_cert_path, :string, default: nil
      desc 'peer, or none, which lets anybody read the secret.'
      config_param :tls_verify_mode, :enum, list: %i[peer none], default: :peer
      desc 'Our own certificate.'
      config_param :tls_client_cert_path, :string, default: nil
      desc 'Its key.'
      config_param :tls_private_key_path, :string, default: nil
      desc 'The key\'s passphrase.'
      config_param :tls_private_key_passphrase, :string, default: nil, secret: true

      config_section :buffer do
        config_set_default :flush_interval, 1
        config_set_default :flush_at_shutdown, true
        config_set_default :retry_forever, true
        config_set_default :retry_max_interval, 30
      end

      # fluentd looks for these among a class's own methods.
      def self.inherited(type)
        super
        type.class_eval do
          def format(tag, time, record)
            super
          end

          def write(chunk)
            super
          end
        end
      end

      def configure(conf)
        compat_parameters_convert(conf, :buffer)
        obey_explicit_limits(conf)
        super
        warn_of_losses
        @courier = courier
      rescue Barito::ParameterError => e
        raise Fluent::ConfigError, e.message
      rescue OpenSSL::OpenSSLError => e
        raise Fluent::ConfigError, "tls_client_cert_path or tls_private_key_path holds nothing usable: #{e.message}"
      end

      def multi_workers_ready?
        true
      end

      def prefer_buffered_processing
        true
      end

      def formatted_to_msgpack_binary?
        true
      end

      # EventTime's own to_msgpack drops what is below the second: only fluentd's packer keeps it.
      def format(tag, time, record)
        Fluent::MessagePackFactory.thread_local_msgpack_packer.pack([tag, time, record]).full_pack
      end

      def write(chunk)
        name = Barito::BatchName.new(chunk.unique_id, created_at: chunk.created_at)
        skipped = @courier.deliver(name) do |add|
          chunk.msgpack_each { |tag, time, record| add.call(tag, time, record) }
        end
        tell_skipped(skipped)
      rescue Barito::RefusedError => e
        raise Fluent::UnrecoverableError, e.message, []
      end

      def before_shutdown
        @courier.hurry
        super
      end

      def close
        @courier.close
        super
      end

      private

      # retry_forever is our default. Who writes a limit down means it.
      def obey_explicit_limits(conf)
        buffer = conf.elements(name: 'buffer').first
        return if buffer.nil? || buffer.has_key?('retry_forever')
        return unless buffer.has_key?('retry_timeout') || buffer.has_key?('retry_max_times')

        buffer['retry_forever'] = 'false'
      end

      def warn_of_losses
        log.warn 'lines are dropped after the last retry: set retry_forever true in <buffer>' unless
          @buffer_config.retry_forever
        log.warn 'the oldest lines are dropped when the buffer is full: set overflow_action block in <buffer>' if
          @buffer_config.overflow_action == :drop_oldest_chunk
        log.warn 'lines that Barito refuses are dropped: remove disable_chunk_backup from <buffer>' if
          @buffer_config.disable_chunk_backup && !@secondary
      end

      # Now and then, not with every chunk.
      def tell_skipped(count)
        return unless count.positive?

        @skipped = (@skipped || 0) + count
        now = Fluent::Clock.now
        return if @skipped_told && now - @skipped_told < 60

        @skipped_told = now
        log.info 'records of pods that have no annotations of Barito were not sent', since_start: @skipped
      end

      def courier
        Barito::Courier.new(
          destinations: destinations, transport: transport, labels: @additional_labels,
          timber: Barito::Timber.new(kubernetes: @kubernetes, keep_fields: @keep_fields, cluster_name: @cluster_name),
          max_lines: @max_request_lines, max_bytes: @max_request_bytes, give_up_after: @give_up_refused_after
        )
      end

      def destinations
        url = Barito::Endpoint.of(@produce_url) unless @produce_url.to_s.empty?
        log.info "lines are posted to #{Barito::Endpoint.shown(url)}" if url && url.to_s != @produce_url
        secret = Barito::Secret.from(@application_secret, @application_secret_file)
        group = Barito::Secret.from(@application_group_secret, @application_group_secret_file)
        fixed = destination(url, secret, group) if url
        return Barito::Destinations::ByAnnotations.new(url: url, fallback: fixed) if @pod_annotations

        fixed || raise(Barito::ParameterError, missing(url))
      end

      def destination(url, secret, group)
        if secret
          Barito::Destinations::Fixed.new(Barito::Target.new(url: url, app_secret: secret))
        elsif group && @application_name_format
          Barito::Destinations::ByName.new(
            url: url, group_secret: group, format: @application_name_format, fallback: @application_name
          )
        elsif group && @application_name
          Barito::Destinations::Fixed.new(
            Barito::Target.new(url: url, group_secret: group, app_name: @application_name)
          )
        end
      end

      def missing(url)
        return 'produce_url is missing: such as https://router.example.com/produce_batch' unless url

        'there is no secret to send with: set application_secret, or application_group_secret with application_name ' \
        'or application_name_format, or their files (application_secret_file, application_group_secret_file)'
      end

      def transport
        tls = { verify_mode: @tls_verify_mode == :none ? OpenSSL::SSL::VERIFY_NONE : OpenSSL::SSL::VERIFY_PEER }
        tls[:ca_file] = readable(@tls_ca_cert_path, 'tls_ca_cert_path') if @tls_ca_cert_path
        if @tls_client_cert_path
          certificate = File.read(readable(@tls_client_cert_path, 'tls_client_cert_path'))
          tls[:cert] = OpenSSL::X509::Certificate.new(certificate)
        end
        if @tls_private_key_path
          key = File.read(readable(@tls_private_key_path, 'tls_private_key_path'))
          tls[:key] = OpenSSL::PKey.read(key, @tls_private_key_passphrase)
        end
        Barito::Transport.new(
          gzip: @gzip, open_timeout: @open_timeout, read_timeout: @read_timeout, write_timeout: @read_timeout,
          keep_alive: @keep_alive, tls: tls
        )
      end

      def readable(path, parameter)
        return path if File.file?(path) && File.readable?(path)

        raise Barito::ParameterError, "#{parameter}: #{path} is no file that can be read"
      end
    end
  end
end
