/** The command "Check File": asks the server, and says what came out, also when there is nothing to see. */
import * as vscode from 'vscode';
import { LSPErrorCodes, ResponseError, type LanguageClient } from 'vscode-languageclient/node';
import type { FunctionResult } from '../../shared-ir/generated/lift_ir';
import { summaryOf } from './summary';

/** How long the summary stays in the status bar, in milliseconds. */
const SHOWN = 10_000;

/** Checks `document` and waits for all of its functions. */
export async function checkDocument(client: LanguageClient, document: vscode.TextDocument): Promise<void> {
  const textDocument = client.code2ProtocolConverter.asTextDocumentIdentifier(document);
  try {
    const answer = await client.sendRequest<{ functions: FunctionResult[] }>('lift/verify', { textDocument });
    vscode.window.setStatusBarMessage(`lift: ${summaryOf(answer.functions)}`, SHOWN);
  } catch (error) {
    if (!isSuperseded(error)) {
      const reason = error instanceof Error ? error.message : String(error);
      await vscode.window.showErrorMessage(vscode.l10n.t('lift could not check the file: {0}', reason));
    }
  }
}

/** Whether the user cancelled the check or changed the text meanwhile, and so knows why it ended. */
function isSuperseded(error: unknown): boolean {
  const codes: number[] = [
    LSPErrorCodes.RequestCancelled,
    LSPErrorCodes.ServerCancelled,
    LSPErrorCodes.ContentModified,
  ];
  return error instanceof ResponseError && codes.includes(error.code);
}
