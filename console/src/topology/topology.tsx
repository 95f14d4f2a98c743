// SPDX-License-Identifier: Apache-2.0
import { Nothing } from '../frame/states';

export default function Topology() {
  return <Nothing />;
}
