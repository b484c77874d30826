"""A simulated city: cameras on loopback addresses that draw streets and speak RTSP and ONVIF."""
