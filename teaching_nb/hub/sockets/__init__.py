"""The entrance over Socket.IO."""
