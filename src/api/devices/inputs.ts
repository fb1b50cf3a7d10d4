import { z } from "zod";
import type { AddDeviceInput, RemoveDeviceInput } from "../../commands/commands.ts";
import { events } from "../../domain/events.ts";
import { deviceId } from "../../domain/ids.ts";
import { readPushToken } from "../../domain/pushTokens.ts";
import { badInput } from "../badInput.ts";
import type * as Api from "../generated.ts";
import { keyed, optional, parsed } from "../inputs.ts";

const { kind, name, pushService, pushToken } = events.DeviceAdded.shape;

const added = z.object({
  ...keyed,
  id: deviceId,
  kind,
  name,
  pushService: optional(pushService),
  pushToken: optional(pushToken),
});
const removed = z.object({ ...keyed, id: deviceId });

export function addDeviceInput(input: Api.AddDeviceInput): AddDeviceInput {
  const { id, pushService: service, pushToken: text, ...device } = parsed(added, input);
  if (service === null || text === null) return { deviceId: id, ...device, pushService: service, pushToken: text };
  const read = readPushToken(service, text);
  if ("fault" in read) throw badInput("pushToken", read.fault);
  return { deviceId: id, ...device, pushService: service, pushToken: read.token };
}

export function removeDeviceInput(input: Api.NodeInput): RemoveDeviceInput {
  const { id, clientMutationId } = parsed(removed, input);
  return { clientMutationId, deviceId: id };
}
