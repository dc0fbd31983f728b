# frozen_string_literal: true

require_relative 'lib/fluent/plugin/barito/version'

Gem::Specification.new do |spec|
  spec.name = 'fluent-plugin-barito'
  spec.version = Fluent::Plugin::Barito::VERSION
  spec.authors = ['Barito']
  spec.summary = 'Sends lines from fluentd to Barito and loses none'
  spec.description = 'A buffered output of fluentd that names its batches, so that a retry makes no duplicates.'
  spec.license = 'Apache-2.0'
  spec.required_ruby_version = '>= 2.7'
  spec.files = Dir['lib/**/*.rb', 'README.md']
  spec.require_paths = ['lib']
  spec.add_runtime_dependency 'fluentd', '>= 1.14', '< 2'
end
