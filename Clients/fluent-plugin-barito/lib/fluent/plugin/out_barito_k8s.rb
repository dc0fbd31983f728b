# frozen_string_literal: true

require_relative 'out_barito'

module Fluent
  module Plugin
    # The first plugin's barito_k8s: lines of pods whose annotations say where they go.
    class BaritoK8sOutput < BaritoOutput
      Fluent::Plugin.register_output('barito_k8s', self)

      config_set_default :kubernetes, true
      config_set_default :keep_fields, false
      config_set_default :pod_annotations, true
    end
  end
end
